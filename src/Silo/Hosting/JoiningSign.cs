using Orleans.Configuration;

namespace SessionCluster.Silo.Hosting;

/// <summary>
/// Signs of life of a silo that is joining. Orleans lets members sign the table only once they are active, and looks anew for
/// stale members only when the table has changed. Without these signs, silos that join soon after all others have died keep
/// asking the dead for an answer until they give up: as when a whole cluster starts again on new addresses.
/// </summary>
internal sealed partial class JoiningSign(
    IMembershipTable table,
    IClusterMembershipService membership,
    ILocalSiloDetails silo,
    IOptions<ClusterMembershipOptions> options,
    TimeProvider time,
    ILogger<JoiningSign> log) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>From when the silo has its row until it has joined, or gives up.</summary>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(JoiningSign),
        ServiceLifecycleStage.AfterRuntimeGrainServices,
        start =>
        {
            _ = SignUntilJoined(start);
            return Task.CompletedTask;
        });

    private async Task SignUntilJoined(CancellationToken startGivenUp)
    {
        using var timer = new PeriodicTimer(options.Value.IAmAliveTablePublishTimeout, time);
        try
        {
            while (await timer.WaitForNextTickAsync(startGivenUp) && !HasJoined)
            {
                await Sign();
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops before it has joined.
        }
    }

    private SiloStatus Status => membership.CurrentSnapshot.GetSiloStatus(silo.SiloAddress);

    private bool HasJoined => Status is not (SiloStatus.None or SiloStatus.Created or SiloStatus.Joining);

    private async Task Sign()
    {
        if (Status != SiloStatus.Joining)
        {
            // It has no row yet.
            return;
        }

        try
        {
            await table.UpdateIAmAliveAsync(new MembershipEntry { SiloAddress = silo.SiloAddress, IAmAliveTime = time.GetUtcNow().UtcDateTime });
        }
        catch (Exception failure)
        {
            // The silo goes on joining, which needs the table, too.
            LogNotSigned(failure.Message);
        }
    }

    [LoggerMessage(4151, LogLevel.Warning, "No sign of life while joining: {Reason}", EventName = "NoSignWhileJoining")]
    private partial void LogNotSigned(string reason);
}
