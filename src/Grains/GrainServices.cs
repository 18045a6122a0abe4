using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SessionCluster;

/// <summary>Registers what the grains ask for, apart from storage and GeoIP, which the host brings.</summary>
public static class GrainServices
{
    public static IServiceCollection AddSessionGrains(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<SessionOptions>(configuration, SessionOptions.Section);
        services.AddChecked<LeaseOptions>(configuration, LeaseOptions.Section);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IIdSource, RandomIdSource>();
        services.TryAddSingleton<IMembershipWatch, SingleProcessMembership>();
        services.TryAddSingleton<SessionGrainServices>();
        services.TryAddSingleton<UserGrainServices>();
        return services;
    }
}
