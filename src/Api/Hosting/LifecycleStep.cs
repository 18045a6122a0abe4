namespace SessionCluster.Api.Hosting;

/// <summary>What a process does at moments of its start and its stop. An exception in one of the start methods stops the start.</summary>
public abstract class LifecycleStep : IHostedLifecycleService
{
    /// <summary>Before any service starts.</summary>
    public virtual Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After the services that were registered before it have started.</summary>
    public virtual Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After all services have started, the HTTP server included.</summary>
    public virtual Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before any service stops.</summary>
    public virtual Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After all services have stopped.</summary>
    public virtual Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
