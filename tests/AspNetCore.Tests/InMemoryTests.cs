using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>SessionCluster.Testing as its users have it: an app in a test server, with no setting of a server; and what a server would do.</summary>
public sealed class InMemoryTests
{
    private static readonly ClientFacts Here = new("1.2.3.4");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_app_runs_in_a_test_server_without_settings(bool first)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddRoutingCore().AddAuthorization();
        var sessions = first ? builder.Services.AddInMemorySessionCluster() : null;
        builder.Services.AddAuthentication(SessionClusterDefaults.AuthenticationScheme).AddSessionCluster(o => o.ApiKeyFile = "/no/such/file");
        sessions ??= builder.Services.AddInMemorySessionCluster();
        await using var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapPost("/login", (HttpContext http) => http.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new("sub", "42")], "test"))));
        app.MapGet("/secret", () => "secret").RequireAuthorization();
        await app.StartAsync();
        using var browser = app.GetTestClient();

        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/secret")).StatusCode);
        var login = await browser.PostAsync("/login", null);
        browser.DefaultRequestHeaders.Add("Cookie", login.Headers.GetValues("Set-Cookie").First().Split(';')[0]);
        Assert.Equal("secret", await browser.GetStringAsync("/secret"));
        Assert.Equal("127.0.0.1", Assert.Single(await sessions.ListSessionsAsync("42")).LastIp);
        await sessions.EndSessionsAsync("42");
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/secret")).StatusCode);
        sessions.IsUnavailable = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await browser.GetAsync("/secret")).StatusCode);
    }

    /// <summary>As a middleware of the app's own does, which would go on without a user.</summary>
    [Fact]
    public async Task In_an_outage_whoever_asks_for_the_session_before_UseAuthentication_does_not_hear_that_there_is_none()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddInMemorySessionCluster().IsUnavailable = true;
        builder.Services.AddAuthentication(SessionClusterDefaults.AuthenticationScheme).AddSessionCluster();
        await using var app = builder.Build();
        app.Use(async (HttpContext http, RequestDelegate next) =>
        {
            http.Response.StatusCode = (await http.AuthenticateAsync()).Succeeded ? 200 : 401;
            await (http.Request.Path == "/on" ? next(http) : Task.CompletedTask);
        });
        app.UseAuthentication();
        await app.StartAsync();
        using var browser = app.GetTestClient();
        browser.DefaultRequestHeaders.Add("Cookie", "sessioncluster_session=token");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await browser.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await browser.GetAsync("/on")).StatusCode);
    }

    [Fact]
    public async Task Followers_hear_of_an_expiry_and_of_no_session_twice()
    {
        var time = new FakeTimeProvider();
        var sessions = new InMemorySessionCluster(time) { Lifetime = TimeSpan.FromHours(1) };
        var (revoked, expired) = (await Login(), await Login());
        await using var endings = (await sessions.FollowEndingsAsync()).GetAsyncEnumerator();

        await sessions.RevokeAsync(revoked.Token!);
        time.Advance(TimeSpan.FromHours(1));
        var last = await Login();
        await sessions.RevokeAsync(last.Token!);

        foreach (var (login, reason) in new[] { (revoked, "revoked"), (expired, "expired"), (last, "revoked") })
        {
            Assert.True(await endings.MoveNextAsync());
            Assert.Equal(new SessionEnding(login.Session!.Uuid, reason), endings.Current);
        }

        Task<LoginResult> Login() => sessions.LoginAsync(new LoginRequest(new SessionUser("1"), Here));
    }

    [Fact]
    public async Task A_broken_binding_is_named()
    {
        var sessions = new InMemorySessionCluster();
        var login = await sessions.LoginAsync(new LoginRequest(new SessionUser("1"), Here));

        sessions.BreakBinding(login.Session!.Uuid);

        Assert.Equal("network.asn", (await sessions.ValidateAsync(login.Token!, Here)).Binding!.Reason);
    }
}
