using Microsoft.Extensions.Options;

namespace SessionCluster.Silo.Sweeping;

/// <summary>Puts the sweeper into the server.</summary>
public static class SweeperServices
{
    /// <summary>Registers it. Add it after the engine: it is then stopped before it.</summary>
    public static IServiceCollection AddSweeper(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<SweepOptions>()
            .Bind(configuration.GetSection(SweepOptions.Section))
            .Configure(options => options.EventRetention = configuration["Events:Retention"] is { Length: > 0 } kept ? kept : options.EventRetention)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<SweepOptions>, SweepOptionsValidator>();
        services.AddHostedService<Sweeper>();
        return services;
    }
}
