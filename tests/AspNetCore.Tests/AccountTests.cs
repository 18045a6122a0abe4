using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Client;
using SessionCluster.Testing;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>What a signed-in person does with their own sessions in the app.</summary>
[Collection(nameof(SessionServer))]
public sealed class AccountTests(SessionServer server)
{
    [Fact]
    public async Task A_person_sees_the_own_sessions_and_ends_one()
    {
        await using var app = await TestApp.Start(server);
        var user = Actions.NewUser();
        using var one = app.NewVisitor();
        using var two = app.NewVisitor(Places.Paris);
        Assert.Null(await one.SignIn(user));
        Assert.Null(await two.SignIn(user));

        var sessions = (await one.Get("/account/sessions")).AsArray();
        Assert.Equal(2, sessions.Count);
        var other = Assert.Single(sessions, s => !s!["current"]!.GetValue<bool>())!;
        Assert.Equal(Places.Paris, other["last_ip"]!.GetValue<string>());

        Assert.Equal(HttpStatusCode.OK, (await one.Post($"/account/sessions/{other["uuid"]}/end")).StatusCode);
        Assert.Equal(401, await two.Status("/secret"));
        Assert.Equal(HttpStatusCode.NotFound, (await one.Post($"/account/sessions/{other["uuid"]}/end")).StatusCode);
        Assert.Single((await one.Get("/account/sessions")).AsArray());
    }

    [Fact]
    public async Task A_session_of_somebody_else_is_not_there()
    {
        await using var app = await TestApp.Start(server);
        using var one = app.NewVisitor();
        using var two = app.NewVisitor();
        Assert.Null(await one.SignIn(Actions.NewUser()));
        Assert.Null(await two.SignIn(Actions.NewUser()));
        var others = (await two.Get("/account/sessions"))[0]!["uuid"]!.GetValue<string>();

        foreach (var uuid in new[] { others, Guid.NewGuid().ToString(), "nonsense" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await one.Post($"/account/sessions/{uuid}/end")).StatusCode);
        }

        Assert.Equal(200, await two.Status("/secret"));
    }

    [Fact]
    public async Task All_others_are_ended_with_a_receipt_and_then_the_own_one()
    {
        await using var app = await TestApp.Start(server);
        var user = Actions.NewUser();
        using var one = app.NewVisitor();
        using var two = app.NewVisitor();
        Assert.Null(await one.SignIn(user));
        Assert.Null(await two.SignIn(user));

        var receipt = JsonNode.Parse(await (await one.Post("/account/sessions/end-others")).Content.ReadAsStringAsync())!;
        Assert.Single(receipt["ended"]!.AsArray());
        Assert.Equal(401, await two.Status("/secret"));

        var form = await one.Send(HttpMethod.Post, "/account/logout", ("Origin", app.Url.GetLeftPart(UriPartial.Authority)));
        Assert.Equal(HttpStatusCode.OK, form.StatusCode);
        Assert.Equal(401, await one.Status("/secret"));
        Assert.Equal(401, await one.Status("/account/sessions"));
    }

    [Fact]
    public async Task A_form_leads_to_where_it_says_within_the_app_in_any_letters()
    {
        await using var app = await TestApp.Start(server, pathBase: "/ä");
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser()));

        foreach (var (wanted, led) in new[] { ("/é ü?a=%41", "/%C3%A9%20%C3%BC?a=%41"), ("//evil.example", "/%C3%A4/"), ("", "/%C3%A4/") })
        {
            var answer = await browser.PostForm("/ä/account/sessions/end-others", wanted);
            Assert.Equal((HttpStatusCode.SeeOther, led), (answer.StatusCode, answer.Headers.Location!.OriginalString));
        }
    }

    /// <summary>The address of the button has no page to come back to.</summary>
    [Theory]
    [InlineData("/notes", "%2Fnotes")]
    [InlineData("//evil.example", "%2F")]
    public async Task A_button_of_a_session_that_has_ended_leads_to_the_login_and_back_to_the_page(string wanted, string back)
    {
        await using var app = await TestApp.Start(server);
        var user = Actions.NewUser();
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(user));
        (await server.Api.Post($"/api/v3/users/{user}/sessions/revoke/")).Is(200);

        var answer = await browser.PostForm("/account/logout", wanted);

        Assert.Equal((HttpStatusCode.Redirect, $"/login?returnUrl={back}&reason=revoked"), (answer.StatusCode, answer.Headers.Location!.OriginalString));
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("X-Nothing", "")]
    public async Task Another_site_ends_nothing(string header, string value)
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser()));

        foreach (var path in new[] { "/account/logout", "/account/sessions/end-others" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await browser.Send(HttpMethod.Post, path, (header, value))).StatusCode);
        }

        Assert.Equal(200, await browser.Status("/secret"));
    }

    [Fact]
    public async Task An_open_tab_hears_at_once_that_its_session_is_over()
    {
        await using var app = await TestApp.Start(server);
        var user = Actions.NewUser();
        using var one = app.NewVisitor();
        using var other = app.NewVisitor();
        Assert.Null(await one.SignIn(user));
        Assert.Null(await other.SignIn(Actions.NewUser()));
        using var tab = new StreamReader(await (await one.Send(HttpMethod.Get, "/account/events")).Content.ReadAsStreamAsync());
        using var othersTab = new StreamReader(await (await other.Send(HttpMethod.Get, "/account/events")).Content.ReadAsStreamAsync());
        Assert.Equal(": session", await tab.ReadLineAsync());
        Assert.Equal(": session", await othersTab.ReadLineAsync());

        (await server.Api.Post($"/api/v3/users/{user}/sessions/revoke/")).Is(200);

        Assert.Contains("event: ended", await tab.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60)), StringComparison.Ordinal);
        using var late = new StreamReader(await (await one.Send(HttpMethod.Get, "/account/events")).Content.ReadAsStreamAsync());
        Assert.Contains("event: ended", await late.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(200, await other.Status("/secret"));
    }

    [Fact]
    public async Task An_open_tab_hears_that_its_session_is_over_also_where_the_app_guards_these_paths()
    {
        await using var app = await TestApp.Start(server, use: a => a.MapSessionCluster("/guarded").RequireAuthorization());
        var user = Actions.NewUser();
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(user));
        (await server.Api.Post($"/api/v3/users/{user}/sessions/revoke/")).Is(200);

        using var tab = new StreamReader(await (await browser.Send(HttpMethod.Get, "/guarded/events")).Content.ReadAsStreamAsync());

        Assert.Contains("event: ended", await tab.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(401, await browser.Status("/guarded/sessions"));
    }

    /// <summary>Where people have another scheme than the app's default, as in an app that is an API first.</summary>
    [Fact]
    public async Task The_own_sessions_are_those_of_the_scheme_that_is_named()
    {
        await using var app = await TestApp.StartAny(
            services => services.AddAuthentication("api").AddCookie("api").AddSessionCluster(o => (o.Address, o.ApiKey) = (server.Process.Url, server.Api.Key)),
            a =>
            {
                a.UseAuthentication();
                a.MapPost("/in", (HttpContext http, string user) => http.SignInAsync(SessionClusterDefaults.AuthenticationScheme, new ClaimsPrincipal(new ClaimsIdentity([new("sub", user)], "test"))));
                a.MapSessionCluster("/own", SessionClusterDefaults.AuthenticationScheme);
            });
        using var browser = app.NewVisitor();
        Assert.Equal(401, await browser.Status("/own/sessions"));
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/in?user={Actions.NewUser()}")).StatusCode);

        Assert.True(Assert.Single((await browser.Get("/own/sessions")).AsArray())!["current"]!.GetValue<bool>());
        using var tab = new StreamReader(await (await browser.Send(HttpMethod.Get, "/own/events")).Content.ReadAsStreamAsync());
        Assert.Equal(": session", await tab.ReadLineAsync());
        Assert.Equal(HttpStatusCode.OK, (await browser.Post("/own/logout")).StatusCode);
        Assert.Contains("event: ended", await tab.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60)), StringComparison.Ordinal);
        Assert.Equal(401, await browser.Status("/own/sessions"));
    }

    /// <summary>As an access token of an identity provider has, behind a policy scheme.</summary>
    [Fact]
    public async Task A_sid_by_another_scheme_is_no_session_of_the_browser()
    {
        await using var app = await TestApp.StartAny(
            services => services.AddAuthentication("api").AddCookie("api").AddSessionCluster(o => (o.Address, o.ApiKey) = (server.Process.Url, server.Api.Key)),
            a =>
            {
                a.UseAuthentication();
                a.MapPost("/in", (HttpContext http, string user) => http.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new("sub", user), new("sid", Guid.NewGuid().ToString())], "test"))));
            });
        using var browser = app.NewVisitor();
        var login = await server.Api.Login(Actions.NewUser());
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/in?user={login.User}")).StatusCode);
        Assert.Equal(200, await browser.Status("/secret"));

        Assert.Equal(302, await browser.Status("/account/sessions"));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Post("/account/sessions/end-others")).StatusCode);

        Assert.Single(await server.Api.Sessions($"user={login.User}"));
    }

    /// <summary>The scheme of an identity provider gives the ticket of the scheme that it signs in to as its own.</summary>
    [Theory]
    [InlineData(SessionClusterDefaults.AuthenticationScheme)]
    [InlineData("Cookies")]
    public async Task A_logout_ends_the_session_where_an_identity_provider_is_the_default_scheme(string sessions)
    {
        await using var app = await TestApp.StartAny(
            services => services.AddAuthentication("provider").AddCookie("Cookies").AddSessionClusterTicketStore("Cookies")
                .AddSessionCluster(o => (o.Address, o.ApiKey) = (server.Process.Url, server.Api.Key))
                .AddOAuth("provider", o =>
                {
                    (o.SignInScheme, o.ClientId, o.ClientSecret, o.CallbackPath) = (sessions, "app", "secret", "/callback");
                    (o.AuthorizationEndpoint, o.TokenEndpoint) = ("https://provider.example/authorize", "https://provider.example/token");
                }),
            a =>
            {
                a.UseAuthentication();
                a.MapPost("/in", (HttpContext http, string user) => http.SignInAsync(
                    sessions, new ClaimsPrincipal(new ClaimsIdentity([new("sub", user)], "test")), new AuthenticationProperties { Items = { [".AuthScheme"] = "provider" } }));
            });
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/in?user={user}")).StatusCode);
        Assert.Equal(200, await browser.Status("/secret"));

        Assert.Equal(HttpStatusCode.OK, (await browser.Post("/account/logout")).StatusCode);

        Assert.Empty(await server.Api.Sessions($"user={user}"));
        Assert.Equal(302, await browser.Status("/secret"));
    }

    [Fact]
    public async Task An_app_that_stops_does_not_wait_for_its_open_tabs_and_tells_them_nothing()
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser()));
        using var tab = new StreamReader(await (await browser.Send(HttpMethod.Get, "/account/events")).Content.ReadAsStreamAsync());
        Assert.Equal(": session", await tab.ReadLineAsync());

        app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.DoesNotContain("ended", await tab.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20)), StringComparison.Ordinal);
    }

    /// <summary>As when a person goes from page to page: one tab goes while the next one comes.</summary>
    [Fact]
    public async Task Tabs_that_come_and_go_miss_no_ending_and_a_lost_connection_lets_them_ask_again()
    {
        var sessions = new InMemorySessionCluster();
        using var feed = new EndingFeed(sessions, NullLogger<EndingFeed>.Instance);
        for (var round = 0; round < 500; round++)
        {
            var login = await sessions.LoginAsync(new LoginRequest(new SessionUser("1"), new ClientFacts("1.2.3.4")));
            using var gone = new CancellationTokenSource();
            var before = feed.Wait(login.Session!.Uuid, IsLive, gone.Token);
            var leaving = Task.Run(gone.Cancel);
            var next = feed.Wait(login.Session.Uuid, IsLive, CancellationToken.None);
            await leaving;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => before);
            await sessions.RevokeAsync(login.Token!);
            Assert.Contains(await next.WaitAsync(TimeSpan.FromSeconds(30)), new[] { "revoked", "" });
        }

        sessions.IsUnavailable = true;
        Assert.Null(await feed.Wait(Guid.NewGuid(), IsLive, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30)));

        async Task<bool> IsLive() => (await sessions.ListSessionsAsync("1")).Count > 0;
    }
}
