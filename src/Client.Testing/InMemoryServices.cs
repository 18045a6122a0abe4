using Microsoft.Extensions.DependencyInjection.Extensions;
using SessionCluster.Testing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts sessions in memory in the place of a server.</summary>
public static class InMemoryServices
{
    /// <summary>
    /// Makes the app call <see cref="InMemorySessionCluster"/> instead of a server, before or after it registers SessionCluster itself. Its own
    /// settings for the server (Address, ApiKey, ApiKeyFile) do not count, and need not be there.
    /// </summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="sessions">The sessions; null for new ones, with which the test can go on by what is returned.</param>
    /// <returns>The sessions.</returns>
    public static InMemorySessionCluster AddInMemorySessionCluster(this IServiceCollection services, InMemorySessionCluster? sessions = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        sessions ??= new InMemorySessionCluster();
        services.RemoveAll<ISessionClusterClient>();
        services.AddSingleton<ISessionClusterClient>(sessions);
        services.PostConfigure<SessionClusterClientOptions>(options =>
            (options.Address, options.ApiKey, options.ApiKeyFile) = (new Uri("http://sessions.in-memory.invalid"), "none", null));
        return sessions;
    }
}
