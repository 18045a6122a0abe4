using Microsoft.Extensions.Options;
using SessionCluster.Events;

namespace SessionCluster.Silo.Sweeping;

/// <summary>Puts the sweeper into the server.</summary>
public static class SweeperServices
{
    /// <summary>Registers it. Add it after the engine: it is then stopped before it.</summary>
    public static IServiceCollection AddSweeper(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddEventOptions(configuration);
        services.AddOptions<SweepOptions>().Bind(configuration.GetSection(SweepOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SweepOptions>, SweepOptionsValidator>();
        services.AddHostedService<Sweeper>();
        return services;
    }
}
