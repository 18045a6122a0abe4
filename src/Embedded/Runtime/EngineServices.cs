using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SessionCluster.Embedded;

/// <summary>Adds the engine to an application.</summary>
public static class EngineServices
{
    /// <summary>
    /// Adds a <see cref="GrainEngine"/>, which starts and stops with the host, as the <see cref="IGrainFactory"/>. The
    /// application registers an <see cref="IGrainStorage"/>; it may register a TimeProvider, <see cref="ITurnScheduler"/> or
    /// <see cref="ICallRouter"/> of its own.
    /// </summary>
    public static IServiceCollection AddEmbeddedEngine(this IServiceCollection services, Action<EngineOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ITurnScheduler, ThreadPoolTurnScheduler>();
        services.AddSingleton(provider =>
        {
            var options = new EngineOptions();
            configure(options);
            return new GrainEngine(
                provider,
                options,
                provider.GetRequiredService<IGrainStorage>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ITurnScheduler>(),
                provider.GetService<ICallRouter>());
        });
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<GrainEngine>());
        services.AddHostedService(provider => provider.GetRequiredService<GrainEngine>());
        return services;
    }
}
