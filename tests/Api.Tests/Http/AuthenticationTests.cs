using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Http;

/// <summary>Tests that read counters: those of a process are one, so that no other host may count meanwhile.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

[Collection(nameof(AloneCollection))]
public sealed class AuthenticationTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start(("Proxies:Trusted:0", "127.0.0.1"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public static TheoryData<string, string, bool> Paths => new()
    {
        // method, path, whether a session may call it for its own
        { "POST", "/api/v3/sessions/", false },
        { "POST", "/api/v3/sessions/validate/", false },
        { "GET", "/api/v3/sessions/current/", true },
        { "PUT", "/api/v3/sessions/data/", false },
        { "POST", "/api/v3/sessions/revoke/", false },
        { "GET", "/api/v3/core/authenticated_sessions/", true },
        { "GET", "/api/v3/core/authenticated_sessions/0d4f5bb6-4e1c-4ba4-a4a4-0f2b3d1f7c11/", true },
        { "DELETE", "/api/v3/core/authenticated_sessions/0d4f5bb6-4e1c-4ba4-a4a4-0f2b3d1f7c11/", true },
        { "GET", "/api/v3/core/authenticated_sessions/0d4f5bb6-4e1c-4ba4-a4a4-0f2b3d1f7c11/used_by/", true },
        { "DELETE", "/api/v3/core/authenticated_sessions/bulk_delete/?user_pks=1", false },
        { "GET", "/api/v3/users/42/", true },
        { "POST", "/api/v3/users/42/sessions/revoke/", true },
        { "POST", "/api/v3/users/42/activate/", false },
        { "POST", "/api/v3/users/42/deactivate/", false },
        { "GET", "/api/v3/users/42/devices/", true },
        { "DELETE", "/api/v3/users/42/devices/0d4f5bb6-4e1c-4ba4-a4a4-0f2b3d1f7c11/", true },
        { "GET", "/api/v3/stages/user_login/", false },
        { "POST", "/api/v3/stages/user_login/", false },
        { "GET", "/api/v3/stages/user_login/0d4f5bb6-4e1c-4ba4-a4a4-0f2b3d1f7c11/", false },
        { "PUT", "/api/v3/stages/user_login/0d4f5bb6-4e1c-4ba4-a4a4-0f2b3d1f7c11/", false },
        { "PATCH", "/api/v3/stages/user_login/0d4f5bb6-4e1c-4ba4-a4a4-0f2b3d1f7c11/", false },
        { "DELETE", "/api/v3/stages/user_login/0d4f5bb6-4e1c-4ba4-a4a4-0f2b3d1f7c11/", false },
        { "GET", "/api/v3/events/events/", false },
        { "GET", "/api/v3/events/events/0d4f5bb6-4e1c-4ba4-a4a4-0f2b3d1f7c11/", false },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Without_right_credentials_every_path_is_a_401(string method, string path, bool sessions)
    {
        _ = sessions;
        (string, string)[] wrong =
        [
            ("Anonymous", ""), ("Authorization", "Bearer wrong"), ("Authorization", "Bearer "), ("Authorization", "Basic eDp5"),
            ("Authorization", "Session wrong"), ("Cookie", "sessioncluster_session=wrong"), ("Authorization", ApiHost.Key),
        ];
        foreach (var header in wrong)
        {
            var answer = (await _host.Send(method, path, null, header)).MustBe(401, "unauthenticated");
            Assert.True(answer.Headers.ContainsKey("WWW-Authenticate"));
        }

        Assert.Empty(_host.Grains.Calls);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_session_gets_where_people_may_and_a_403_elsewhere(string method, string path, bool sessions)
    {
        var session = _host.Grains.Add("42");
        var answer = await _host.Send(method, path, null, ("Authorization", _host.SchemeOf(session)));
        Assert.Equal(!sessions, answer.Status == 403);
        Assert.NotEqual(401, answer.Status);
        Assert.Contains(_host.Grains.Calls, call => call is Validated);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task An_ended_session_is_a_401_with_its_reason(string method, string path, bool sessions)
    {
        _ = sessions;
        var session = _host.Grains.Add("42");
        _host.Grains.Refused[session.Id] = new ValidateResult(SessionStatus.Revoked, null, null);
        var answer = (await _host.Send(method, path, null, ("Authorization", _host.SchemeOf(session)))).MustBe(401, "unauthenticated");
        Assert.Equal("revoked", (string?)answer.Json["reason"]);
    }

    [Theory]
    [InlineData("login-only-key", "GET", "/api/v3/core/authenticated_sessions/", 403)]
    [InlineData("login-only-key", "POST", "/api/v3/sessions/validate/", 403)]
    [InlineData("login-only-key", "DELETE", "/api/v3/core/authenticated_sessions/bulk_delete/?user_pks=1", 403)]
    [InlineData("login-only-key", "POST", "/api/v3/sessions/revoke/", 400)]
    [InlineData("manage-only-key", "POST", "/api/v3/sessions/revoke/", 400)]
    [InlineData("manage-only-key", "POST", "/api/v3/sessions/", 403)]
    [InlineData("manage-only-key", "GET", "/api/v3/events/events/", 403)]
    [InlineData("manage-only-key", "GET", "/api/v3/core/authenticated_sessions/", 403)]
    [InlineData("manage-only-key", "GET", "/api/v3/stages/user_login/", 200)]
    [InlineData("manage-only-key", "GET", "/api/v3/sessions/current/", 401)]
    public async Task A_missing_role_is_a_403(string key, string method, string path, int status)
    {
        var body = method == "POST" ? "{}" : null;
        (await _host.Send(method, path, body, ("Authorization", "Bearer " + key))).MustBe(status);
    }

    [Fact]
    public async Task Authorization_wins_over_the_cookie_even_when_wrong()
    {
        var session = _host.Grains.Add("42");
        var other = _host.Grains.Add("43", "joe");
        var both = await _host.Send(
            "GET", "/api/v3/sessions/current/", null, ("Cookie", _host.CookieOf(session)), ("Authorization", _host.SchemeOf(other)));
        Assert.Equal("joe", (string?)both.MustBe(200).Json["user"]!["username"]);
        (await _host.Send("GET", "/api/v3/sessions/current/", null, ("Cookie", _host.CookieOf(session)), ("Authorization", "Session wrong")))
            .MustBe(401, "unauthenticated");
    }

    public static TheoryData<string?, string?, bool> Sites => new()
    {
        { "same-origin", null, true },
        { "same-origin", "https://evil.com", true },
        { "same-site", "SELF", false },
        { "cross-site", "SELF", false },
        { "none", "SELF", false },
        { null, "SELF", true },
        { null, "https://evil.com", false },
        { null, "null", false },
        { null, null, false },
    };

    [Theory]
    [MemberData(nameof(Sites))]
    public async Task An_unsafe_request_by_cookie_comes_from_our_own_pages(string? fetchSite, string? origin, bool accepted)
    {
        foreach (var (method, route) in new[]
        {
            ("POST", "/api/v3/users/42/sessions/revoke/"), ("POST", "/api/v3/sessions/current/logout/"), ("DELETE", "/api/v3/core/authenticated_sessions/{0}/"),
        })
        {
            var session = _host.Grains.Add("42");
            var path = string.Format(System.Globalization.CultureInfo.InvariantCulture, route, session.Id);
            List<(string, string)> headers = [("Cookie", _host.CookieOf(session))];
            if (fetchSite is not null)
            {
                headers.Add(("Sec-Fetch-Site", fetchSite));
            }

            if (origin is not null)
            {
                headers.Add(("Origin", origin == "SELF" ? _host.Origin : origin));
            }

            var answer = await _host.Send(method, path, null, [.. headers]);
            if (accepted)
            {
                Assert.InRange(answer.Status, 200, 204);
            }
            else
            {
                answer.MustBe(403, "csrf");
                Assert.True(_host.Grains.Sessions.ContainsKey(session.Id));
            }
        }
    }

    [Fact]
    public async Task A_form_of_a_server_that_is_opened_at_another_url_says_that_PublicUrl_is_to_be_set()
    {
        var (form, html) = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "text/html"));
        (string, string) elsewhere = ("Host", "login.example.test:8080");

        var page = await _host.Send("POST", "/admin/signin/", $"key={ApiHost.Key}", ("Anonymous", ""), elsewhere, ("Origin", "http://login.example.test:8080"), form, html);
        Assert.Contains($"Open this server at {_host.Origin} ", page.MustBe(403).Text, StringComparison.Ordinal);
        Assert.Contains("sets PublicUrl", page.Text, StringComparison.Ordinal);
        Assert.Contains(_host.Log.Warnings, line => line.Contains("was refused (csrf)", StringComparison.Ordinal) && line.Contains("set PublicUrl", StringComparison.Ordinal));

        foreach (var origin in (string[])["https://login.example.test:8080", "http://evil.example.test", "null"])
        {
            var other = await _host.Send("POST", "/admin/signin/", $"key={ApiHost.Key}", ("Anonymous", ""), elsewhere, ("Origin", origin), form, html);
            Assert.Contains("came from another page", other.MustBe(403).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_refused_for_who_sent_it_is_counted_by_reason()
    {
        var session = _host.Grains.Add("42");
        await _host.Send("GET", "/api/v3/sessions/current/", null, ("Authorization", "Bearer wrong"));
        await _host.Send("GET", "/api/v3/sessions/current/", null, ("Authorization", "Basic eDp5"));
        await _host.Send("GET", "/api/v3/sessions/current/", null, ("Authorization", "Session wrong"));
        await _host.Send("GET", "/outpost/auth/caddy", null, ("Cookie", "sessioncluster_session=wrong"), ("Sec-Fetch-Mode", "navigate"));
        await _host.Send("POST", "/api/v3/sessions/validate/", new { token = _host.Tokens.Issue(session.Id)[..^2] + "AA", client = new { ip = "1.2.3.4" } });
        await _host.Send("GET", "/api/v3/events/events/", null, ("Authorization", "Bearer manage-only-key"));
        await _host.Send("POST", "/api/v3/users/43/sessions/revoke/", null, ("Authorization", _host.SchemeOf(session)));
        await _host.Send("POST", "/api/v3/sessions/current/logout/", null, ("Cookie", _host.CookieOf(session)), ("Origin", "https://evil.com"));
        await _host.Send("GET", "/api/v3/sessions/current/");
        await _host.Send("POST", "/api/v3/sessions/revoke/", new { token = "forged" });
        await _host.Send("PUT", "/api/v3/sessions/data/", new { token = "forged", data = new { } });
        await _host.Send("GET", "/api/v3/flows/executor/flow/", null, ("X-Flow-Plan", "forged"));
        await _host.Send("GET", "/api/v3/flows/executor/flow/?plan=forged");
        await _host.Send("GET", "/if/flow/flow/", null, ("Cookie", "sessioncluster_plan=forged"));
        await _host.Send("GET", "/if/flow/flow/?code=forged");
        await _host.Send("GET", "/account/not-me/?code=forged");
        await _host.Send("GET", "/api/v3/sessions/current/", null, ("Anonymous", ""));
        await _host.Send("GET", "/api/v3/sessions/current/", null, ("Cookie", _host.CookieOf(session)));

        var metrics = (await _host.Send("GET", "/metrics")).Text;

        foreach (var (reason, count) in new[] { ("wrong_credentials", 2), ("malformed_token", 5), ("malformed_code", 5), ("forbidden", 3), ("csrf", 1) })
        {
            Assert.Contains($"sessioncluster_refused_requests_total{{reason=\"{reason}\"}} {count}\n", metrics, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_session_token_in_the_header_needs_no_origin()
    {
        var session = _host.Grains.Add("42");
        (await _host.Send("POST", "/api/v3/users/42/sessions/revoke/", null, ("Authorization", _host.SchemeOf(session)))).MustBe(200);
    }

    [Fact]
    public async Task A_browsers_address_comes_from_the_trusted_proxy_and_its_facts_from_the_request()
    {
        var session = _host.Grains.Add("42");
        await _host.Send(
            "GET", "/api/v3/sessions/current/?next=/x&code=5", null, ("Cookie", _host.CookieOf(session)), ("X-Forwarded-For", "6.6.6.6, 203.0.113.7"),
            ("User-Agent", new string('u', 3000)));
        var client = _host.Grains.Last<Validated>().Client;
        Assert.Equal(("203.0.113.7", "GET", "/api/v3/sessions/current/"), (client.Ip, client.Method, client.Path));
        Assert.Equal("""{"next":"/x","code":"********"}""", client.ArgsJson);
        Assert.Equal(2048, client.UserAgent.Length);
        // The id of a request is for the event of a login; a check has none.
        Assert.Empty(client.RequestId);
    }
}
