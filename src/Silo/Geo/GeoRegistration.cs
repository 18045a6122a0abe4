using SessionCluster.Geo;

namespace SessionCluster.Silo.Geo;

/// <summary>Puts GeoIP into the server.</summary>
public static class GeoRegistration
{
    /// <summary>Registers <see cref="IGeoLookup"/> over the databases that section <c>GeoIp</c> names. Needs a TimeProvider.</summary>
    public static IServiceCollection AddGeoDatabases(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<GeoIpOptions>(configuration.GetSection(GeoIpOptions.Section));
        services.AddSingleton<GeoDatabases>();
        services.AddSingleton<IGeoLookup>(static provider => provider.GetRequiredService<GeoDatabases>());
        services.AddHostedService(static provider => provider.GetRequiredService<GeoDatabases>());
        return services;
    }
}
