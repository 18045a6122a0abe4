using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Http;

public sealed class ForwardAuthTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start(
        ("Proxies:Trusted:0", "127.0.0.0/8"), ("Login:Url", "https://login.example.com/start?x=1"), ("Login:AllowedRedirects:0", "https://app.example.com"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("nginx")]
    [InlineData("traefik")]
    [InlineData("caddy")]
    [InlineData("envoy")]
    public async Task A_live_session_passes_with_four_encoded_headers_by_any_method(string proxy)
    {
        var session = _host.Grains.Add("a/b", "jané doe");
        foreach (var (method, suffix) in new[] { ("GET", ""), ("POST", "/"), ("DELETE", "/any/path?q=1"), ("PROPFIND", "/x") })
        {
            var answer = (await _host.Send(method, $"/outpost/auth/{proxy}{suffix}", null, ("Cookie", _host.CookieOf(session)))).MustBe(200);
            Assert.Equal("a%2Fb", answer.Headers["X-Session-User"]);
            Assert.Equal("jan%C3%A9%20doe", answer.Headers["X-Session-Username"]);
            Assert.Equal("j%40x", answer.Headers["X-Session-Email"]);
            Assert.Equal(session.Id.ToString(), answer.Headers["X-Session-Uuid"]);
            Assert.Empty(answer.Text);
        }
    }

    [Theory]
    [InlineData("nginx", 401)]
    [InlineData("envoy", 401)]
    [InlineData("traefik", 302)]
    [InlineData("caddy", 302)]
    public async Task Without_a_session_a_navigation_is_redirected_where_the_proxy_can(string proxy, int status)
    {
        foreach (var header in new[] { ("Sec-Fetch-Mode", "navigate"), ("Accept", "text/html,*/*") })
        {
            var answer = (await _host.Send("GET", $"/outpost/auth/{proxy}", null, header, ("Anonymous", ""))).MustBe(status);
            Assert.Equal(status == 302, answer.Headers.ContainsKey("Location"));
        }

        foreach (var header in new[] { ("Sec-Fetch-Mode", "cors"), ("Accept", "application/json") })
        {
            (await _host.Send("GET", $"/outpost/auth/{proxy}", null, header, ("Anonymous", ""))).MustBe(401, "unauthenticated");
        }

        (await _host.Send("GET", $"/outpost/auth/{proxy}", null, ("Sec-Fetch-Mode", "cors"), ("Accept", "text/html"), ("Anonymous", "")))
            .MustBe(401, "unauthenticated");
    }

    [Theory]
    [InlineData("https", "app.example.com", "/a?b=c", "&next=https%3A%2F%2Fapp.example.com%2Fa%3Fb%3Dc")]
    [InlineData("https", "login.example.com", "/a", "&next=%2Fa")]
    [InlineData("https", "evil.com", "/a", "")]
    [InlineData("http", "app.example.com", "/a", "")]
    [InlineData("https", "app.example.com@evil.com", "/a", "")]
    [InlineData("https", "app.example.com", "//evil.com", "")]
    public async Task The_way_back_follows_the_rule_of_next(string scheme, string name, string uri, string next)
    {
        var answer = (await _host.Send(
            "GET", "/outpost/auth/traefik", null, ("Anonymous", ""), ("Sec-Fetch-Mode", "navigate"), ("X-Forwarded-Proto", scheme),
            ("X-Forwarded-Host", name), ("X-Forwarded-Uri", uri))).MustBe(302);
        Assert.Equal("https://login.example.com/start?x=1" + next, answer.Headers["Location"]);
    }

    [Fact]
    public async Task An_ended_session_is_refused_and_a_key_does_not_help()
    {
        var session = _host.Grains.Add("42");
        _host.Grains.Refused[session.Id] = new ValidateResult(SessionStatus.Expired, null, null);
        var answer = (await _host.Send("GET", "/outpost/auth/nginx", null, ("Cookie", _host.CookieOf(session)))).MustBe(401, "unauthenticated");
        Assert.Equal("expired", (string?)answer.Json["reason"]);
        (await _host.Send("GET", "/outpost/auth/nginx")).MustBe(401, "unauthenticated");
    }

    [Theory]
    [InlineData("nginx", "X-Original-Method", "X-Original-URI")]
    [InlineData("traefik", "X-Forwarded-Method", "X-Forwarded-Uri")]
    public async Task The_session_learns_the_original_request_from_a_trusted_proxy(string proxy, string methodHeader, string uriHeader)
    {
        var session = _host.Grains.Add("42");
        await _host.Send(
            "GET", $"/outpost/auth/{proxy}", null, ("Cookie", _host.CookieOf(session)), (methodHeader, "PUT"), (uriHeader, "/app/x?token=1"),
            ("X-Forwarded-For", "203.0.113.7"));
        var client = _host.Grains.Last<Validated>().Client;
        Assert.Equal(("203.0.113.7", "PUT", "/app/x"), (client.Ip, client.Method, client.Path));
    }

    [Fact]
    public async Task Envoys_suffix_is_the_original_path()
    {
        var session = _host.Grains.Add("42");
        await _host.Send("POST", "/outpost/auth/envoy/app/x?token=1", null, ("Cookie", _host.CookieOf(session)));
        var client = _host.Grains.Last<Validated>().Client;
        Assert.Equal(("POST", "/app/x", """{"token":"********"}"""), (client.Method, client.Path, client.ArgsJson));
    }
}
