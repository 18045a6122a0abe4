namespace SessionCluster.Api.ForwardAuth;

/// <summary>What reverse proxies ask.</summary>
internal static class ForwardAuthRoutes
{
    public static IServiceCollection AddForwardAuth(this IServiceCollection services) => services.AddSingleton<ForwardAuthEndpoint>();

    public static void MapForwardAuth(this Routes routes)
    {
        var forward = routes.Services.GetRequiredService<ForwardAuthEndpoint>();
        routes.Any("/outpost/auth/nginx/{**rest}", forward.Nginx);
        routes.Any("/outpost/auth/traefik/{**rest}", forward.Redirecting);
        routes.Any("/outpost/auth/caddy/{**rest}", forward.Redirecting);
        routes.Any("/outpost/auth/envoy/{**rest}", forward.Envoy);
    }
}
