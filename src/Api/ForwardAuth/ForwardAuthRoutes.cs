namespace SessionCluster.Api.ForwardAuth;

/// <summary>What reverse proxies ask.</summary>
internal static class ForwardAuthRoutes
{
    public static void MapForwardAuth(this Routes routes)
    {
        var forward = routes.Make<ForwardAuthEndpoint>();
        routes.Any("/outpost/auth/nginx/{**rest}", forward.Nginx);
        routes.Any("/outpost/auth/traefik/{**rest}", forward.Redirecting);
        routes.Any("/outpost/auth/caddy/{**rest}", forward.Redirecting);
        routes.Any("/outpost/auth/envoy/{**rest}", forward.Envoy);
    }
}
