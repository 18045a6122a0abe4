namespace SessionCluster.Api.Hosting;

/// <summary>
/// The first thing that happens when a process is told to stop: it is not ready any more, and for a while still serves those who
/// have not noticed. A process that did not get as far as serving stops at once.
/// </summary>
public sealed class Drain(TimeSpan length, TimeProvider time) : LifecycleStep, IDisposable
{
    private readonly CancellationTokenSource _over = new();
    private volatile bool _begun;
    private bool _served;

    /// <summary>True from the moment that the process was told to stop.</summary>
    public bool HasBegun => _begun;

    /// <summary>When those who have not noticed are served no more: what would go on for ever ends now.</summary>
    public CancellationToken Over => _over.Token;

    public override async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _begun = true;
        try
        {
            await Task.Delay(_served ? length : TimeSpan.Zero, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host's patience is over: go on with the stop.
        }

        await _over.CancelAsync();
    }

    public void Dispose() => _over.Dispose();

    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        _served = true;
        return Task.CompletedTask;
    }
}
