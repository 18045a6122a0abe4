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
    public async Task A_live_session_passes_with_four_headers_by_any_method(string proxy)
    {
        var session = _host.Grains.Add("a/b");
        foreach (var (method, suffix) in new[] { ("GET", ""), ("POST", "/"), ("DELETE", "/any/path?q=1"), ("PROPFIND", "/x") })
        {
            var answer = (await _host.Send(method, $"/outpost/auth/{proxy}{suffix}", null, ("Cookie", _host.CookieOf(session)))).MustBe(200);
            Assert.Equal("a/b", answer.Headers["X-Session-User"]);
            Assert.Equal("jane", answer.Headers["X-Session-Username"]);
            Assert.Equal("j@x", answer.Headers["X-Session-Email"]);
            Assert.Equal(session.Id.ToString(), answer.Headers["X-Session-Uuid"]);
            Assert.False(answer.Headers.ContainsKey("X-Session-Encoding"));
            Assert.Empty(answer.Text);
        }
    }

    [Theory]
    [InlineData("42", "jané doe", "42", "jan%C3%A9%20doe")]
    [InlineData("50%40", "jané", "50%2540", "jan%C3%A9")]
    [InlineData("ключ", "jane", "%D0%BA%D0%BB%D1%8E%D1%87", "jane")]
    public async Task Where_a_value_is_no_visible_ascii_a_header_says_that_all_can_be_decoded(string user, string name, string userHeader, string nameHeader)
    {
        var session = _host.Grains.Add(user, name);

        var answer = (await _host.Send("GET", "/outpost/auth/nginx", null, ("Cookie", _host.CookieOf(session)))).MustBe(200);

        Assert.Equal("percent", answer.Headers["X-Session-Encoding"]);
        Assert.Equal((userHeader, nameHeader, "j@x"), (answer.Headers["X-Session-User"], answer.Headers["X-Session-Username"], answer.Headers["X-Session-Email"]));
        Assert.Equal((user, name), (Uri.UnescapeDataString(userHeader), Uri.UnescapeDataString(nameHeader)));
    }

    [Fact]
    public async Task A_header_of_a_user_without_a_name_is_there_and_empty()
    {
        var session = _host.Grains.Add("42", "");

        var answer = (await _host.Send("GET", "/outpost/auth/nginx", null, ("Cookie", _host.CookieOf(session)))).MustBe(200);

        Assert.Equal("", answer.Headers["X-Session-Username"]);
    }

    [Theory]
    [InlineData("/outpost/auth/envoy/../../../health/live")]
    [InlineData("/outpost/auth/envoy/app/secret/../../../../../health/live")]
    [InlineData("/outpost/auth/envoy/%2e%2e/%2E%2e/../health/live")]
    [InlineData("/outpost/auth/envoy/..%2f..%2F..%2fhealth/live")]
    [InlineData("/outpost/auth/caddy/..\\..\\..\\health\\live")]
    [InlineData("/outpost/auth/traefik/%5c..%5C../health/live")]
    [InlineData("/outpost/auth/nginx/./x")]
    [InlineData("/outpost/auth/../../health/live")]
    [InlineData("/Outpost/AUTH/envoy/../../../health/live?x=1")]
    [InlineData("http://app.example.com/outpost/auth/envoy/../../../health/live")]
    [InlineData("/outpost/auth/envoy/../../../api/v3/sessions/current/")]
    [InlineData("/outpost/auth/envoy/../../../openapi/v1.json")]
    public async Task A_target_that_leaves_forward_auth_is_refused_whatever_else_would_answer_it(string target)
    {
        var session = _host.Grains.Add("42");

        Assert.Equal(400, await _host.StatusOf(target));
        Assert.Equal(400, await _host.StatusOf(target, ("Cookie", _host.CookieOf(session))));
    }

    [Theory]
    [InlineData("/outpost/auth/envoy/app/..a/b..c/...?next=/../x")]
    [InlineData("/outpost/auth/envoy//health/live")]
    [InlineData("/outpost/auth/envoy")]
    public async Task A_target_that_stays_is_asked_about(string target)
    {
        var session = _host.Grains.Add("42");

        Assert.Equal(401, await _host.StatusOf(target));
        Assert.Equal(200, await _host.StatusOf(target, ("Cookie", _host.CookieOf(session))));
    }

    [Theory]
    [InlineData("nginx", "/outpost/auth/nginx", "https%3A%2F%2Fapp.example.com%2Fa%3Fb%3Dc")]
    [InlineData("envoy", "/outpost/auth/envoy/a%20b?c=d", "https%3A%2F%2Fapp.example.com%2Fa%2520b%3Fc%3Dd")]
    public async Task A_proxy_that_redirects_itself_is_told_the_login_url(string proxy, string path, string next)
    {
        var answer = (await _host.Send(
            "GET", path, null, ("Anonymous", ""), ("X-Original-URI", "/a?b=c"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "app.example.com"),
            ("Host", "app.example.com"))).MustBe(401, "unauthenticated");

        Assert.Equal($"https://login.example.com/start?x=1&next={next}", answer.Headers["X-Session-Login"]);
        Assert.NotEmpty(proxy);
    }

    [Theory]
    [InlineData("/", "/?next=%2Fsecret")]
    [InlineData("/", "/")]
    [InlineData("/login", "/login?next=%2Flogin%3Fnext%3D%2Fsecret")]
    [InlineData("/login", "/login/?next=https%3A%2F%2Fevil.com")]
    public async Task The_login_page_is_not_sent_to_itself(string login, string uri)
    {
        await using var host = await ApiHost.Start(("Login:Url", login));
        foreach (var proxy in new[] { "caddy", "traefik" })
        {
            (await host.Send("GET", $"/outpost/auth/{proxy}", null, ("Anonymous", ""), ("Sec-Fetch-Mode", "navigate"), ("X-Forwarded-Uri", uri)))
                .MustBe(401, "unauthenticated");
        }

        var answer = (await host.Send("GET", "/outpost/auth/nginx", null, ("Anonymous", ""), ("X-Original-URI", uri))).MustBe(401, "unauthenticated");
        Assert.False(answer.Headers.ContainsKey("X-Session-Login"));
        (await host.Send("GET", "/outpost/auth/caddy", null, ("Anonymous", ""), ("Sec-Fetch-Mode", "navigate"), ("X-Forwarded-Uri", "/secret"))).MustBe(302);
    }

    [Fact]
    public async Task Without_a_login_url_nobody_is_redirected()
    {
        await using var host = await ApiHost.Start();
        foreach (var proxy in new[] { "nginx", "envoy", "caddy", "traefik" })
        {
            var answer = (await host.Send("GET", $"/outpost/auth/{proxy}", null, ("Anonymous", ""), ("Sec-Fetch-Mode", "navigate"), ("X-Forwarded-Uri", "/secret")))
                .MustBe(401, "unauthenticated");
            Assert.False(answer.Headers.ContainsKey("X-Session-Login"));
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
    [InlineData("https", "login.example.com", "/if/flow/x/?code=y", "")]
    [InlineData("https", "login.example.com", "/%61pi/v3/", "")]
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

    [Theory]
    [InlineData(SessionStatus.Revoked, "&reason=revoked")]
    [InlineData(SessionStatus.BindingBroken, "&reason=binding_broken")]
    public async Task The_login_is_told_why_the_session_ended(SessionStatus status, string reason)
    {
        var session = _host.Grains.Add("42");
        _host.Grains.Refused[session.Id] = new ValidateResult(status, null, null);
        (string, string)[] request =
        [
            ("Cookie", _host.CookieOf(session)), ("Sec-Fetch-Mode", "navigate"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "app.example.com"), ("X-Forwarded-Uri", "/a"), ("X-Original-URI", "/a"),
        ];

        var redirected = (await _host.Send("GET", "/outpost/auth/caddy", null, request)).MustBe(302);
        var told = (await _host.Send("GET", "/outpost/auth/nginx", null, request)).MustBe(401, "unauthenticated");

        Assert.Equal("https://login.example.com/start?x=1&next=https%3A%2F%2Fapp.example.com%2Fa" + reason, redirected.Headers["Location"]);
        Assert.Equal(redirected.Headers["Location"], told.Headers["X-Session-Login"]);
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
            "GET", $"/outpost/auth/{proxy}?check=1", null, ("Cookie", _host.CookieOf(session)), (methodHeader, "PUT"), (uriHeader, "/app/x?token=1&page=a%20b#?c=1"),
            ("X-Forwarded-For", "203.0.113.7"));
        var client = _host.Grains.Last<Validated>().Client;
        Assert.Equal(("203.0.113.7", "PUT", "/app/x"), (client.Ip, client.Method, client.Path));
        Assert.Equal("""{"token":"********","page":"a b"}""", client.ArgsJson);
    }

    [Theory]
    [InlineData("nginx", "X-Original-Method", "X-Original-URI")]
    [InlineData("traefik", "X-Forwarded-Method", "X-Forwarded-Uri")]
    public async Task What_a_peer_that_is_not_trusted_says_of_an_original_request_does_not_count(string proxy, string methodHeader, string uriHeader)
    {
        await using var host = await ApiHost.Start();
        var session = host.Grains.Add("42");
        await host.Send(
            "GET", $"/outpost/auth/{proxy}/?check=1", null, ("Cookie", host.CookieOf(session)), (methodHeader, "PUT"), (uriHeader, "/app/x?token=1"), ("X-Forwarded-For", "203.0.113.7"));
        var client = host.Grains.Last<Validated>().Client;
        Assert.Equal(("127.0.0.1", "GET", $"/outpost/auth/{proxy}/", """{"check":"1"}"""), (client.Ip, client.Method, client.Path, client.ArgsJson));
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
