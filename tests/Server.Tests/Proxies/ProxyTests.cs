using System.Net.WebSockets;
using System.Text;

namespace SessionCluster.Server.Tests.Proxies;

/// <summary>The configurations in examples, run by the real proxies before the real server.</summary>
[Trait("Server", "Own")]
[Collection(nameof(ProxySetup))]
public sealed class ProxyTests(ProxySetup setup)
{
    private const string Local = "127.0.0.1";

    private static readonly string[] Words = ["User", "Username", "Email", "Uuid", "Encoding", "Login"];

    /// <summary>Paths that one reads as another: open ones that lead to the guarded, and guarded ones that look open.</summary>
    private static readonly string[] Ambiguous =
    [
        "/login/../private", "/login/%2e%2e/private", "/login/.%2E/private", "/login/..%2fprivate", "/login/%2e%2e%2fprivate", "/login/x/../../private",
        "/login/./private", "/private/..%2flogin", "/private/%2e%2e%2flogin", "/private/..%2F..%2Flogin", "/private/..;/login", "/login/..;/private",
        "/login/..%3b/private", "/login/..", "/if/..%2f..%2fmetrics", "/if/../private", "/if/%2e%2e/metrics", "/account/../metrics", @"/login/..\private",
        @"/login\..\private", "/login/..%5cprivate", "/outpost/auth/nginx/../../../health/live", "/session-check/../private",
    ];

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task A_browser_without_a_session_is_sent_to_the_login_and_comes_back_to_the_very_page(string proxy)
    {
        const string Page = "/reports/2026?from=1&to=2%203&q=a+b&next=/x%26y";

        var answer = await RawRequest.Get(setup.Url(proxy), Page, RawRequest.Navigation);

        Assert.Equal(302, answer.Status);
        Assert.StartsWith("/login?next=", answer.Location, StringComparison.Ordinal);
        Assert.DoesNotContain("&", answer.Location, StringComparison.Ordinal);
        Assert.Equal(Page, Uri.UnescapeDataString(answer.Location!["/login?next=".Length..]));
        Assert.Empty(setup.Application.With("/reports/2026"));
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task What_opens_no_page_hears_401_and_nothing_reaches_the_application(string proxy)
    {
        var target = $"/orders/{proxy}";

        var fetched = await RawRequest.Get(setup.Url(proxy), target, ("Sec-Fetch-Mode", "cors"), ("Accept", "text/html"));
        var posted = await RawRequest.Send(setup.Url(proxy), "POST", target, "a=b", null);
        var forged = await RawRequest.Get(setup.Url(proxy), target, ("Cookie", "__Host-sessioncluster_session=AUX0E"), ("Authorization", $"Bearer {setup.Server.Api.Key}"));

        Assert.All([fetched, posted, forged], answer => Assert.Equal((401, null), (answer.Status, answer.Location)));
        Assert.Empty(setup.Application.With(target));
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task A_live_session_reaches_the_application_with_who_it_is_and_with_its_body(string proxy)
    {
        var login = await Login();
        var target = $"/orders/{login.User}?a=1&b=%2F2";

        Assert.True((await RawRequest.Send(setup.Url(proxy), "PUT", target, "the body", null, ("Cookie", login.Cookie))).IsOfApplication);

        var reached = Assert.Single(setup.Application.With(target));
        Assert.Equal(("PUT", target, "the body"), (reached.Method, reached.Target, reached.Body));
        Assert.Equal(
            (login.User, $"name-{login.User}", $"{login.User}@example.test", login.Uuid),
            (Told(reached, "User"), Told(reached, "Username"), Told(reached, "Email"), Told(reached, "Uuid")));
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task A_name_that_is_not_ASCII_reaches_the_application_encoded_and_said_to_be_so(string proxy)
    {
        const string Name = "Jan\u00e9 100%";
        var user = Actions.NewUser();
        var body = Actions.LoginBody(user, ip: Local).Replace($"name-{user}", Name, StringComparison.Ordinal);
        var login = new Login((await setup.Server.Api.Post("/api/v3/sessions/", body)).Is(201), user);
        var target = $"/named/{user}";

        Assert.True((await RawRequest.Get(setup.Url(proxy), target, ("Cookie", login.Cookie), ("X-Session-Encoding", "none"))).IsOfApplication);

        var reached = Assert.Single(setup.Application.With(target));
        Assert.Equal(("percent", "Jan%C3%A9%20100%25"), (reached.Headers["X-Session-Encoding"], reached.Headers["X-Session-Username"]));
        Assert.Equal((Name, user, $"{user}@example.test"), (Told(reached, "Username"), Told(reached, "User"), Told(reached, "Email")));
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task A_name_in_ASCII_reaches_the_application_as_it_is_whatever_the_client_says_of_its_encoding(string proxy)
    {
        var login = await Login();
        var target = $"/plain/{login.User}";

        Assert.True((await RawRequest.Get(setup.Url(proxy), target, ("Cookie", login.Cookie), ("X-Session-Encoding", "percent"))).IsOfApplication);

        var reached = Assert.Single(setup.Application.With(target));
        Assert.Equal($"name-{login.User}", reached.Headers["X-Session-Username"]);
        Assert.DoesNotContain("X-Session-Encoding", reached.Headers.Keys);
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task A_session_that_ends_while_it_is_used_opens_nothing_any_more(string proxy)
    {
        var login = await Login();
        var target = $"/desk/{login.User}";
        (string, string)[] browser = [("Cookie", login.Cookie), .. RawRequest.Navigation];
        Assert.True((await RawRequest.Get(setup.Url(proxy), target, browser)).IsOfApplication);

        (await setup.Server.Api.Delete($"/api/v3/core/authenticated_sessions/{login.Uuid}/")).Is(204);

        Assert.Equal($"/login?next={Uri.EscapeDataString(target)}&reason=revoked", (await RawRequest.Get(setup.Url(proxy), target, browser)).Location);
        Assert.Equal(401, (await RawRequest.Get(setup.Url(proxy), target, ("Cookie", login.Cookie))).Status);
        Assert.Single(setup.Application.With(target));
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task A_session_that_is_bound_to_its_network_ends_when_it_comes_from_elsewhere(string proxy)
    {
        var login = await Login(await setup.Server.Api.Stage("\"network_binding\": \"bind_asn_network_ip\""));
        var target = $"/bound/{login.User}";
        (string, string)[] browser = [("Cookie", login.Cookie), .. RawRequest.Navigation];
        Assert.True((await RawRequest.Send(setup.Url(proxy), "GET", target, null, Local, browser)).IsOfApplication);

        // What the client says of where it comes from counts for nothing.
        var answer = await RawRequest.Send(setup.Url(proxy), "GET", target, null, "127.0.0.2", [.. browser, ("X-Forwarded-For", Local), ("Forwarded", $"for={Local}")]);

        Assert.Equal(302, answer.Status);
        Assert.Equal(302, (await RawRequest.Send(setup.Url(proxy), "GET", target, null, Local, browser)).Status);
        Assert.Single(setup.Application.With(target));
        var ended = await setup.Server.Api.LogoutEvent(login);
        Assert.Equal("127.0.0.2", ended["context"]!["ip"]!["new"]!.GetValue<string>());
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task What_a_client_says_of_a_session_never_reaches_the_application(string proxy)
    {
        var login = await Login();
        var (guarded, open) = ($"/spoofed/{login.User}", $"/login/{login.User}");
        (string, string)[] spoofed = [.. "-_.!#$%&'*+^`|~".SelectMany(mark => Words.SelectMany(word => new[]
        {
            ($"X{mark}Session{mark}{word}", "root"), ($"x{mark}session-{word}", "root"), ($"X-SESSION{mark}{word}", "root"),
        }))];

        Assert.True((await RawRequest.Get(setup.Url(proxy), guarded, [.. spoofed, ("Cookie", login.Cookie)])).IsOfApplication);
        Assert.True((await RawRequest.Get(setup.Url(proxy), open, [.. spoofed, ("Cookie", login.Cookie)])).IsOfApplication);

        Assert.DoesNotContain("root", Assert.Single(setup.Application.With(guarded)).Headers.Values);
        Assert.DoesNotContain("root", Assert.Single(setup.Application.With(open)).Headers.Values);
        Assert.Equal(login.User, Told(setup.Application.With(guarded)[0], "User"));
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task Only_what_everyone_may_ask_of_the_server_is_published(string proxy)
    {
        var login = await Login();
        string[] never =
        [
            "/metrics", "/health", "/health/ready", "/openapi/v1.json", "/api/docs/", "/api/v3/events/events/", "/api/v3/sessions/",
            "/api/v3/sessions/validate/", $"/outpost/auth/{proxy}", "/admin/",
        ];

        Assert.All(
            await Task.WhenAll(never.Select(path => RawRequest.Get(setup.Url(proxy), path, ("Cookie", login.Cookie)))),
            answer => Assert.True(answer.IsOfApplication));
        Assert.Contains(login.Uuid, (await RawRequest.Get(setup.Url(proxy), "/api/v3/sessions/current/", ("Cookie", login.Cookie))).Body, StringComparison.Ordinal);
        Assert.Contains("ak-stage-access-denied", (await RawRequest.Get(setup.Url(proxy), "/api/v3/flows/executor/f/?query=")).Body, StringComparison.Ordinal);
        foreach (var path in new[] { "/if/flow/f/", "/account/sessions/" })
        {
            Assert.False((await RawRequest.Get(setup.Url(proxy), path)).IsOfApplication);
        }
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task A_path_that_may_be_read_as_another_is_refused(string proxy)
    {
        var login = await Login();
        foreach (var path in Ambiguous)
        {
            foreach (var query in new[] { "", $"?{login.User}" })
            {
                var answer = await RawRequest.Get(setup.Url(proxy), path + query, [("Cookie", login.Cookie), .. RawRequest.Navigation]);
                Assert.True(answer.Status == 400, $"{path + query} was answered {answer.Status}.");
            }
        }

        Assert.Empty(setup.Application.With(login.User));
        Assert.True((await RawRequest.Get(setup.Url(proxy), "/files/..a/b..;c/%2e%2e%2e?path=../x", ("Cookie", login.Cookie))).IsOfApplication);
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task A_web_socket_is_opened_by_a_live_session_only(string proxy)
    {
        var login = await Login();
        var url = new UriBuilder(setup.Url(proxy)) { Scheme = setup.Url(proxy).Scheme.Replace("http", "ws", StringComparison.Ordinal), Path = "/socket" }.Uri;
        using var refused = Socket();
        var refusal = await Assert.ThrowsAsync<WebSocketException>(() => refused.ConnectAsync(url, CancellationToken.None));
        using var socket = Socket();
        socket.Options.SetRequestHeader("Cookie", login.Cookie);

        await socket.ConnectAsync(url, CancellationToken.None);
        await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var bytes = new byte[100];
        var received = await socket.ReceiveAsync(bytes, CancellationToken.None);

        Assert.Equal("hello", Encoding.UTF8.GetString(bytes, 0, received.Count));
        Assert.Contains("401", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [WithNginx]
    [WithCaddy]
    public async Task While_the_server_is_away_nothing_passes(string proxy)
    {
        var nobody = new Uri($"http://127.0.0.1:{TestPorts.Free()}");
        using var program = await ProxyProgram.Start(proxy, nobody, setup.Application.Url);

        Assert.InRange((await RawRequest.Get(program.Url, $"/away/{proxy}", RawRequest.Navigation)).Status, 500, 599);

        Assert.Empty(setup.Application.With($"/away/{proxy}"));
    }

    private static ClientWebSocket Socket()
    {
        var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => ProxyProgram.IsOurs(certificate);
        return socket;
    }

    /// <summary>What the application is told. No value that is not encoded has a percent sign in these tests.</summary>
    private static string Told(Reached reached, string word) => Uri.UnescapeDataString(reached.Headers[$"X-Session-{word}"]);

    private async Task<Login> Login(string stage = "default") => await setup.Server.Api.Login(Actions.NewUser(), stage, Local);
}
