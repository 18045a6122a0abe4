using Microsoft.Extensions.Hosting;

namespace SessionCluster.Api.Hosting;

/// <summary>What a process does before any of its services starts; a failure stops the start.</summary>
public abstract class StartStep : IHostedLifecycleService
{
    /// <summary>Before any service starts.</summary>
    public abstract Task StartingAsync(CancellationToken cancellationToken);

    /// <summary>After the services that were registered before it have started.</summary>
    public virtual Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After all services have started, the HTTP server included.</summary>
    public virtual Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
