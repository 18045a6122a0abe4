using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>Wrong settings, and a server that does not answer: never accepted, never anonymous, and each says what to do.</summary>
[Collection(nameof(SessionServer))]
public sealed class FaultTests(SessionServer server)
{
    public static TheoryData<string, string?, string> WrongSettings => new()
    {
        { "", "key", "SessionCluster:Address is missing" },
        { "sessions:8080", "key", "SessionCluster:Address" },
        { "ftp://sessions", "key", "must begin with http" },
        { "http://sessions/?a=b", "key", "no query" },
        { "http://sessions", null, "SessionCluster:ApiKey is missing" },
        { "http://sessions", " ", "SessionCluster:ApiKey is missing" },
        { "http://sessions", "kéy", "SessionCluster:ApiKey has a line break" },
        { "http://sessions", "one\nX-Other: 1", "SessionCluster:ApiKey has a line break" },
    };

    [Theory]
    [MemberData(nameof(WrongSettings))]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string address, string? key, string said)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.Start(address.Length == 0 ? null! : new Uri(address, UriKind.RelativeOrAbsolute), key!));
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_that_is_not_there_stops_the_start_and_is_named()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestApp.Start(server.Process.Url, "key", o => (o.ApiKey, o.ApiKeyFile) = (null, "/no/such/file")));
        Assert.Contains("SessionCluster:ApiKeyFile is '/no/such/file'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" \n", "which is empty")]
    [InlineData("one\ntwo\n", "Write one key alone into it")]
    public async Task A_key_file_without_one_key_stops_the_start_and_is_named(string text, string said)
    {
        using var folder = new TempFolder();
        var file = folder.Write("key", System.Text.Encoding.UTF8.GetBytes(text));

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.Start(server.Process.Url, "", o => (o.ApiKey, o.ApiKeyFile) = (null, file)));

        Assert.Contains($"SessionCluster:ApiKeyFile is '{file}'", failure.Message, StringComparison.Ordinal);
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ticket_store_of_a_scheme_that_is_not_there_stops_the_start_and_is_named()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAny(
            services =>
            {
                services.AddSessionClusterClient(o => (o.Address, o.ApiKey) = (server.Process.Url, server.Api.Key));
                services.AddAuthentication("Cookies").AddCookie("Cookies").AddSessionClusterTicketStore("Cookie");
            },
            a => a.UseAuthentication()));

        Assert.Contains("no scheme 'Cookie'", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A policy scheme only leads to the scheme whose tickets are to be kept.</summary>
    [Fact]
    public async Task A_ticket_store_of_a_scheme_without_tickets_stops_the_start_and_is_named()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestApp.StartAny(
            services =>
            {
                services.AddSessionClusterClient(o => (o.Address, o.ApiKey) = (server.Process.Url, server.Api.Key));
                services.AddAuthentication("any").AddCookie("Cookies").AddPolicyScheme("any", null, o => o.ForwardDefault = "Cookies").AddSessionClusterTicketStore("any");
            },
            a => a.UseAuthentication()));

        Assert.Contains("'any' is no cookie scheme", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_named()
    {
        await using var app = await TestApp.Start(server.Process.Url, "wrong");
        using var browser = app.NewVisitor();

        Assert.Contains("SessionCluster:ApiKey", await browser.SignIn("42"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_stage_is_named()
    {
        await using var app = await TestApp.Start(server, o => o.Stage = "no-such-stage");
        using var browser = app.NewVisitor();

        Assert.Contains("SessionCluster:Stage", await browser.SignIn("42"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_without_a_server_is_a_503_and_says_where_it_is_set()
    {
        await using var app = await TestApp.Start(new Uri($"http://127.0.0.1:{TestPorts.Free()}"), "key");
        using var browser = app.NewVisitor();
        browser.SetCookie("sessioncluster_session", "token");

        foreach (var path in new[] { "/who", "/secret", "/account/sessions" })
        {
            var answer = await browser.Send(HttpMethod.Get, path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        }

        Assert.StartsWith("503", await browser.SignIn("42"), StringComparison.Ordinal);
        using var nobody = app.NewVisitor();
        Assert.Equal(503, await nobody.Status("/health"));
        Assert.Equal(200, await nobody.Status("/who"));
    }

    [Theory]
    [InlineData(404, "")]
    [InlineData(404, """{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404}""")]
    [InlineData(401, "")]
    [InlineData(302, "")]
    [InlineData(200, "<html>")]
    public async Task Something_else_at_the_address_is_a_503(int status, string body)
    {
        var said = new List<string>();
        await using var other = await TestApp.StartAny(_ => { }, a => a.MapFallback(() => Results.Text(body, "application/problem+json", statusCode: status)));
        await using var app = await TestApp.Start(other.Url, "key", o => o.Events.OnUnavailable = context =>
        {
            said.Add(context.Exception.Message);
            return Task.CompletedTask;
        });
        using var browser = app.NewVisitor();

        Assert.StartsWith("503", await browser.SignIn("42"), StringComparison.Ordinal);
        browser.SetCookie("sessioncluster_session", "token");
        Assert.Equal(503, await browser.Status("/secret"));
        Assert.Contains("SessionCluster:Address", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_hangs_is_a_503_after_the_timeout()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var said = new List<string>();
        await using var app = await TestApp.Start(new Uri($"http://{listener.LocalEndpoint}"), "key", o =>
        {
            o.Timeout = TimeSpan.FromMilliseconds(300);
            o.Events.OnUnavailable = context =>
            {
                said.Add(context.Exception.Message);
                return Task.CompletedTask;
            };
        });
        using var browser = app.NewVisitor();
        browser.SetCookie("sessioncluster_session", "token");

        Assert.Equal(503, await browser.Status("/secret"));
        Assert.Contains("within 0.3 seconds", Assert.Single(said), StringComparison.Ordinal);
    }

    /// <summary>An app may have put a resilience handler before all of its HTTP clients, which gives up by exceptions of its own.</summary>
    [Fact]
    public async Task A_call_that_the_apps_own_resilience_gives_up_is_a_503()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var app = await TestApp.StartAny(
            services =>
            {
                services.ConfigureHttpClientDefaults(http => http.AddStandardResilienceHandler(
                    o => (o.AttemptTimeout.Timeout, o.Retry.MaxRetryAttempts, o.Retry.Delay) = (TimeSpan.FromSeconds(0.1), 1, TimeSpan.Zero)));
                services.AddAuthentication(SessionClusterDefaults.AuthenticationScheme)
                    .AddSessionCluster(o => (o.Address, o.ApiKey) = (new Uri($"http://{listener.LocalEndpoint}"), "key"));
            },
            a => a.UseAuthentication());
        using var browser = app.NewVisitor();
        browser.SetCookie("sessioncluster_session", "token");

        Assert.Equal(503, await browser.Status("/secret"));
    }

    [Theory]
    [InlineData("nobody", 401)]
    [InlineData("failure", 401)]
    [InlineData("somebody", 200)]
    public async Task The_app_may_choose_what_happens_without_the_server(string who, int secret)
    {
        await using var app = await TestApp.Start(new Uri($"http://127.0.0.1:{TestPorts.Free()}"), "key", o => o.Events.OnUnavailable = context =>
        {
            context.Result = who switch
            {
                "nobody" => AuthenticateResult.NoResult(),
                "failure" => AuthenticateResult.Fail("Nobody, for now."),
                _ => AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new("sub", "42")], "app")), context.Scheme.Name)),
            };
            return Task.CompletedTask;
        });
        using var browser = app.NewVisitor();
        browser.SetCookie("sessioncluster_session", "token");

        Assert.Equal(200, await browser.Status("/who"));
        Assert.Equal(secret, await browser.Status("/secret"));
        // An open tab does not hear that its session has ended, of which nothing is known, and there is no list of somebody's sessions.
        Assert.Equal(503, await browser.Status("/account/events"));
        Assert.Equal(503, await browser.Status("/account/sessions"));
    }

    /// <summary>As an API under tokens of its own, which a browser asks with its cookie.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_an_outage_what_the_scheme_leaves_to_another_one_goes_on(bool all)
    {
        await using var app = await TestApp.StartAny(
            services => services.AddAuthentication(SessionClusterDefaults.AuthenticationScheme).AddCookie("other")
                .AddSessionCluster(o =>
                {
                    (o.Address, o.ApiKey) = (new Uri($"http://127.0.0.1:{TestPorts.Free()}"), "key");
                    o.ForwardAuthenticate = all ? "other" : null;
                    o.ForwardDefaultSelector = context => context.Request.Path == "/who" ? "other" : null;
                }),
            a => a.UseAuthentication());
        using var browser = app.NewVisitor();
        browser.SetCookie("sessioncluster_session", "token");

        Assert.Equal(200, await browser.Status("/who"));
        Assert.Equal(all ? 200 : 503, await browser.Status("/health"));
    }

    /// <summary>Where another scheme says who the user is, and asks ours: nobody is anonymous, and no open tab hears that its session has ended.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Behind_a_policy_scheme_an_outage_is_a_503(bool chosen)
    {
        await using var app = await TestApp.StartAny(
            services => services.AddAuthentication("any")
                .AddPolicyScheme("any", null, o => o.ForwardDefault = SessionClusterDefaults.AuthenticationScheme)
                .AddSessionCluster(o =>
                {
                    (o.Address, o.ApiKey) = (new Uri($"http://127.0.0.1:{TestPorts.Free()}"), "key");
                    o.Events.OnUnavailable = context =>
                    {
                        context.Result = chosen ? AuthenticateResult.Fail(context.Exception) : null;
                        return Task.CompletedTask;
                    };
                }),
            a => a.UseAuthentication());
        using var browser = app.NewVisitor();
        browser.SetCookie("sessioncluster_session", "token");

        foreach (var path in chosen ? ["/account/events"] : new[] { "/who", "/secret", "/account/sessions", "/account/events" })
        {
            var answer = await browser.Send(HttpMethod.Get, path);
            Assert.Equal((path, HttpStatusCode.ServiceUnavailable), (path, answer.StatusCode));
            Assert.NotNull(answer.Headers.RetryAfter);
        }
    }

    [Fact]
    public async Task A_server_that_is_killed_and_comes_back_has_the_session_and_a_new_key_is_read_from_its_file()
    {
        using var folder = new TempFolder();
        var port = TestPorts.Free();
        var (first, second) = (Key(), Key() + " and words");
        var keyFile = folder.Write("key", System.Text.Encoding.UTF8.GetBytes(first));
        var process = await Server(first);
        await using var app = await TestApp.Start(process.Url, "", o => (o.ApiKey, o.ApiKeyFile) = (null, keyFile));
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser()));
        Assert.Equal(200, await browser.Status("/secret"));

        await process.Kill();
        Assert.Equal(503, await browser.Status("/secret"));
        await process.DisposeAsync();

        process = await Server(second);
        Assert.Equal(500, await browser.Status("/secret"));
        folder.Write("key", System.Text.Encoding.UTF8.GetBytes(second + "\nX-Other: 1"));
        Assert.Equal(500, await browser.Status("/secret"));
        folder.Write("key", System.Text.Encoding.UTF8.GetBytes(second));
        Assert.Equal(200, await browser.Status("/secret"));
        await process.DisposeAsync();

        Task<ServerProcess> Server(string key) => ServerProcess.StartKind(folder.In("data"), ServerKind.OnSqlite, $"urls=http://127.0.0.1:{port}", $"Api:BootstrapKey={key}");
    }

    private static string Key() => System.Security.Cryptography.RandomNumberGenerator.GetHexString(40);
}
