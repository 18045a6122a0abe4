using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>Sign-ins over an old session, where the ticket is with the server: each is a new session, whatever properties it comes with.</summary>
[Collection(nameof(SessionServer))]
public sealed class TicketStoreSignInTests(SessionServer server)
{
    private const string Cookie = ".AspNetCore.Cookies";

    /// <summary>As ASP.NET Core Identity's RefreshSignInAsync does after a change of the password.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_sign_in_with_the_properties_of_the_session_before_takes_a_new_key(bool eventsType, bool copy)
    {
        await using var app = await Start(eventsType);
        using var browser = app.NewVisitor();
        using var thief = app.NewVisitor();
        var (user, other) = (Actions.NewUser(), Actions.NewUser());
        Assert.Null(await browser.SignIn(user));

        foreach (var next in new[] { user, other })
        {
            thief.SetCookie(Cookie, browser.Cookie(Cookie)!);
            Assert.Equal(200, await thief.Status("/secret"));
            Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/again?user={next}&copy={copy}")).StatusCode);

            Assert.Equal(next, (await browser.Get("/who"))["sub"]!.GetValue<string>());
            Assert.Empty((await thief.Get("/who")).AsObject());
            Assert.Single(await server.Api.Sessions($"user={next}"));
        }

        Assert.Empty(await server.Api.Sessions($"user={user}"));
    }

    /// <summary>The request was checked before. The app's own sign-out is not meant.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_sign_in_with_the_properties_of_the_session_brings_none_back_that_has_ended_meanwhile(bool eventsType, bool copy)
    {
        await using var app = await Start(eventsType);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/again?user={user}&leave=true&copy={copy}")).StatusCode);
        Assert.Equal(200, await browser.Status("/secret"));

        Assert.Equal(HttpStatusCode.InternalServerError, (await browser.Send(HttpMethod.Post, $"/again?user={user}&end=true&copy={copy}")).StatusCode);

        Assert.Empty(await server.Api.Sessions($"user={user}"));
        Assert.Empty((await browser.Get("/who")).AsObject());
    }

    [Fact]
    public async Task A_session_that_ends_between_the_check_and_the_login_is_not_brought_back()
    {
        var (user, isArmed) = (Actions.NewUser(), false);
        await using var app = await Start(eventsType: false, async request =>
        {
            if (isArmed && request.RequestUri!.AbsolutePath == "/api/v3/sessions/")
            {
                isArmed = false;
                (await server.Api.Post($"/api/v3/users/{user}/sessions/revoke/", "{}")).Is(200);
            }
        });
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(user));
        isArmed = true;

        Assert.Equal(HttpStatusCode.InternalServerError, (await browser.Send(HttpMethod.Post, $"/again?user={user}")).StatusCode);

        Assert.False(isArmed);
        Assert.Empty(await server.Api.Sessions($"user={user}"));
        Assert.Empty((await browser.Get("/who")).AsObject());
    }

    [Fact]
    public async Task A_ticket_store_that_is_added_twice_is_as_one()
    {
        await using var app = await Start(eventsType: false, times: 2);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));

        Assert.Equal(HttpStatusCode.InternalServerError, (await browser.Send(HttpMethod.Post, $"/again?user={user}&end=true&copy=true")).StatusCode);

        Assert.Empty(await server.Api.Sessions($"user={user}"));
        Assert.Empty((await browser.Get("/who")).AsObject());
    }

    /// <summary>The handler asks for it when the answer begins, and no event of a sign-in comes before.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_renewal_keeps_the_key_and_a_sign_in_in_the_same_request_does_not(bool eventsType)
    {
        await using var app = await Start(eventsType, renews: true);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        var first = await Session();

        Assert.Equal(200, await browser.Status("/secret"));
        Assert.Equal(first, await Session());
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/again?user={user}&copy=true")).StatusCode);
        Assert.NotEqual(first, await Session());
        Assert.Equal(200, await browser.Status("/secret"));

        async Task<string> Session() => Assert.Single(await server.Api.Sessions($"user={user}"))!["uuid"]!.GetValue<string>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sign_in_that_failed_is_a_sign_in_when_it_is_tried_again(bool eventsType)
    {
        await using var app = await Start(eventsType);
        using var browser = app.NewVisitor();
        using var thief = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        thief.SetCookie(Cookie, browser.Cookie(Cookie)!);

        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/twice?user={user}")).StatusCode);

        Assert.Equal(200, await browser.Status("/secret"));
        Assert.Empty((await thief.Get("/who")).AsObject());
    }

    /// <summary>The cookie handler knows the key that came with the request, and not those that the sign-ins of this request took.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_sign_ins_in_one_request_the_last_one_is_live_and_a_sign_out_after_them_ends_it(bool eventsType)
    {
        await using var app = await Start(eventsType);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));

        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/several?user={user}")).StatusCode);

        Assert.Equal(200, await browser.Status("/secret"));
        Assert.Single(await server.Api.Sessions($"user={user}"));
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/several?user={user}&leave=true")).StatusCode);
        Assert.Empty((await browser.Get("/who")).AsObject());
        Assert.Empty(await server.Api.Sessions($"user={user}"));
    }

    /// <summary>Nobody would have the new session, and the browser's own would be over.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sign_in_after_the_answer_has_begun_changes_nothing(bool over)
    {
        await using var app = await Start(eventsType: false);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(over ? await browser.SignIn(user) : null);
        var before = await Sessions();

        Assert.Contains("Sign in before anything is written", await (await browser.Send(HttpMethod.Post, $"/begun?user={user}")).Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(before, await Sessions());
        Assert.Equal(over ? 200 : 302, await browser.Status("/secret"));

        async Task<string[]> Sessions() => [.. (await server.Api.Sessions($"user={user}")).Select(session => session!["uuid"]!.GetValue<string>())];
    }

    /// <summary>As after a sign-in by OpenID Connect, whose claim "sid" is of the identity provider.</summary>
    [Theory]
    [InlineData("kc-1")]
    [InlineData("3f2504e0-4f89-41d3-9a0c-0305e82c3301")]
    public async Task The_own_session_is_known_beside_the_sid_of_an_identity_provider(string sid)
    {
        await using var app = await Start(eventsType: false);
        using var browser = app.NewVisitor();
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/oidc?user={Actions.NewUser()}&sid={sid}")).StatusCode);

        Assert.True(Assert.Single((await browser.Get("/account/sessions")).AsArray())!["current"]!.GetValue<bool>());
        Assert.Equal(HttpStatusCode.OK, (await browser.Post("/account/sessions/end-others")).StatusCode);
        Assert.Equal(200, await browser.Status("/secret"));
    }

    private Task<TestApp> Start(bool eventsType, Func<HttpRequestMessage, Task>? sending = null, int times = 1, bool renews = false) => TestApp.StartAny(
        services =>
        {
            services.AddTransient<OwnEvents>();
            services.AddSessionClusterClient(o => (o.Address, o.ApiKey) = (server.Process.Url, server.Api.Key))
                .AddHttpMessageHandler(() => new Before(sending ?? (_ => Task.CompletedTask)));
            services.AddSingleton(new Renewing(renews));
            var schemes = services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(o =>
            {
                o.EventsType = eventsType ? typeof(OwnEvents) : null;
                o.Events.OnCheckSlidingExpiration = Renewing.Check;
            });
            for (var time = 0; time < times; time++)
            {
                schemes.AddSessionClusterTicketStore(CookieAuthenticationDefaults.AuthenticationScheme);
            }
        },
        app =>
        {
            app.UseAuthentication();
            Again(app);
        });

    /// <summary>Signs in with the properties of the session before, twice with the same ones, of which the first time fails, twice, or as an identity provider does.</summary>
    private static void Again(WebApplication app)
    {
        app.MapPost("/again", async (HttpContext http, ISessionClusterClient sessions, string user, bool? copy, bool? end, bool? leave) =>
        {
            var before = (await http.AuthenticateAsync()).Properties!;
            await (end == true ? sessions.EndSessionsAsync(user) : Task.CompletedTask);
            await (leave == true ? http.SignOutAsync() : Task.CompletedTask);
            await http.SignInAsync(Somebody(user), copy == true ? before.Clone() : before);
        });
        app.MapPost("/twice", async (HttpContext http, string user) =>
        {
            var properties = new AuthenticationProperties();
            await Assert.ThrowsAsync<InvalidOperationException>(() => http.SignInAsync(Somebody(user, new string('x', 40_000)), properties));
            await http.SignInAsync(Somebody(user), properties);
        });
        app.MapPost("/several", async (HttpContext http, string user, bool? leave) =>
        {
            await http.SignInAsync(Somebody(user));
            await http.SignInAsync(Somebody(user));
            await (leave == true ? http.SignOutAsync() : Task.CompletedTask);
        });
        app.MapPost("/begun", async (HttpContext http, string user) =>
        {
            await http.Response.StartAsync();
            await http.Response.WriteAsync((await Record.ExceptionAsync(() => http.SignInAsync(Somebody(user))))?.Message ?? "");
        });
        app.MapPost("/oidc", (HttpContext http, string user, string sid) => http.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new("sub", user), new("sid", sid)], "test"))));
    }

    private static ClaimsPrincipal Somebody(string user, string more = "") => new(new ClaimsIdentity([new("sub", user), new("more", more)], "test"));

    /// <summary>Does something before a call is sent.</summary>
    private sealed class Before(Func<HttpRequestMessage, Task> sending) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await sending(request);
            return await base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Events of an app that do not call what the options say.</summary>
    private sealed class OwnEvents : CookieAuthenticationEvents
    {
        public override Task SigningIn(CookieSigningInContext context) => Task.CompletedTask;

        public override Task CheckSlidingExpiration(CookieSlidingExpirationContext context) => Renewing.Check(context);
    }

    /// <summary>Whether each request renews its ticket.</summary>
    private sealed record Renewing(bool Always)
    {
        public static Task Check(CookieSlidingExpirationContext context)
        {
            context.ShouldRenew = context.HttpContext.RequestServices.GetRequiredService<Renewing>().Always;
            return Task.CompletedTask;
        }
    }
}
