namespace SessionCluster.Api.Edge;

/// <summary>Registers the sessions that this process answers for by itself.</summary>
internal static class EdgeServices
{
    public static IServiceCollection AddEdge(this IServiceCollection services, IConfiguration configuration) => services
        .AddChecked<EdgeOptions>(configuration, EdgeOptions.Section)
        .AddSingleton(provider => new EdgeSessions(
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IOptions<EdgeOptions>>().Value.MaxSessions,
            RandomUuid.Next()))
        .AddSingleton(provider => provider.GetRequiredService<EdgeSessions>().Own)
        .AddSingleton<EdgeMetrics>()
        .AddSingleton<EdgeChecks>();
}
