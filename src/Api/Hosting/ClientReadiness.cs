namespace SessionCluster.Api.Hosting;

/// <summary>Ready while a grain answers that reads the database: that needs a connection to a silo, and the silo's storage.</summary>
internal sealed class ClientReadiness(IGrainFactory grains, Drain drain, TimeProvider time) : IReadiness
{
    /// <summary>How long the grain may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async ValueTask<string?> WhyNotReady(CancellationToken cancellationToken)
    {
        if (drain.HasBegun)
        {
            return "The process is about to stop.";
        }

        try
        {
            await grains.EventLog().Find(Guid.Empty).WaitAsync(Patience, time, cancellationToken);
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The cluster does not answer ({exception.GetType().Name}).";
        }
    }
}
