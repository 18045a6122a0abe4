namespace SessionCluster.Server.Tests.Proxies;

/// <summary>All four configurations publish the same: what docs/forward-auth.md says, to where it says, and nothing besides.</summary>
public sealed class PublishedPathTests
{
    private static readonly IReadOnlyList<PublishedPath> Documented = [.. PublishedPaths.Documented().OrderBy(published => published.Path, StringComparer.Ordinal)];

    [Fact]
    public void The_document_publishes_pages_and_a_browsers_own_session_and_nothing_that_needs_no_key_or_is_for_services()
    {
        Assert.Contains(new PublishedPath("/if/*", "sessioncluster"), Documented);
        Assert.Contains(new PublishedPath("/account/*", "sessioncluster"), Documented);
        Assert.Contains(new PublishedPath("/login", "application"), Documented);
        string[] never = ["/metrics", "/health", "/health/live", "/outpost/auth/nginx", "/openapi/v1.json", "/api/docs/", "/api/v3/sessions/", "/api/v3/events/events/", "/admin/", "/"];
        Assert.All(never, path => Assert.DoesNotContain(Documented, published =>
            published.Path == path || (published.Path.EndsWith('*') && path.StartsWith(published.Path[..^1], StringComparison.Ordinal))));
    }

    [Fact]
    public void Nginx_publishes_what_is_documented() => Same(PublishedPaths.OfNginx());

    [Fact]
    public void Caddy_publishes_what_is_documented() => Same(PublishedPaths.OfCaddy());

    [Fact]
    public void Traefik_publishes_what_is_documented() => Same(PublishedPaths.OfTraefik());

    [Fact]
    public void Envoy_publishes_what_is_documented() => Same(PublishedPaths.OfEnvoy());

    private static void Same(IEnumerable<PublishedPath> published) =>
        Assert.Equal(Documented, published.OrderBy(one => one.Path, StringComparer.Ordinal));
}
