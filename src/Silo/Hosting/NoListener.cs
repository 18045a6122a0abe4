using Microsoft.AspNetCore.Connections;

namespace SessionCluster.Silo.Hosting;

/// <summary>
/// Takes the place of Orleans' sockets in a silo that is alone: it binds nothing and hears of no connection. Orleans asks those who connect
/// for no credentials, so a port, even on loopback, would let every user of the machine make and end sessions.
/// </summary>
internal sealed class NoListener : IConnectionListenerFactory
{
    /// <summary>Takes the places of all listeners that Orleans has registered.</summary>
    public static void UseFor(IServiceCollection services)
    {
        foreach (var listener in services.Where(service => service.IsKeyedService && service.ServiceType == typeof(IConnectionListenerFactory)).ToArray())
        {
            services.Remove(listener);
            services.AddKeyedSingleton<IConnectionListenerFactory, NoListener>(listener.ServiceKey);
        }
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(new Silence(endpoint));

    private sealed class Silence(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => new(_end.Task.WaitAsync(cancellationToken));

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _end.TrySetResult(null);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
