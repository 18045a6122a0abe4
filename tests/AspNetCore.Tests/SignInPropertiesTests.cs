using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>What a sign-in and a sign-out make of what they are given, and several of them in one request.</summary>
[Collection(nameof(SessionServer))]
public sealed class SignInPropertiesTests(SessionServer server)
{
    private const string SessionCookie = "sessioncluster_session";

    /// <summary>Also where the browser had no session before, so that there is no cookie of its own to remove.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_sign_ins_in_one_request_the_last_one_is_live_and_a_sign_out_after_them_ends_it(bool before)
    {
        await using var app = await Start();
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(before ? await browser.SignIn(user) : null);

        var left = await browser.Send(HttpMethod.Post, $"/several?user={user}&leave=true");

        Assert.DoesNotContain(left.Headers.GetValues("Set-Cookie"), set => set.StartsWith(SessionCookie + "=", StringComparison.Ordinal) && !set.StartsWith(SessionCookie + "=;", StringComparison.Ordinal));
        Assert.Null(browser.Cookie(SessionCookie));
        Assert.Empty(await server.Api.Sessions($"user={user}"));
        var stayed = await browser.Send(HttpMethod.Post, $"/several?user={user}");
        Assert.Single(stayed.Headers.GetValues("Set-Cookie"), set => set.StartsWith(SessionCookie + "=", StringComparison.Ordinal));
        Assert.Equal(200, await browser.Status("/secret"));
        Assert.Single(await server.Api.Sessions($"user={user}"));
    }

    /// <summary>As an app does whose user got another name or role.</summary>
    [Fact]
    public async Task A_sign_in_with_the_properties_of_the_session_keeps_its_stage_and_its_answer()
    {
        var stage = await server.Api.Stage("\"session_duration\": \"seconds=0\", \"remember_me_offset\": \"days=30\"");
        await using var app = await Start();
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser(), $"?stage={stage}&remember=true"));
        var first = browser.Cookie(SessionCookie);

        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, "/again")).StatusCode);

        Assert.NotEqual(first, browser.Cookie(SessionCookie));
        Assert.InRange(browser.CookieExpires(SessionCookie).ToUniversalTime(), DateTime.UtcNow.AddDays(29), DateTime.UtcNow.AddDays(31));
    }

    /// <summary>The request was checked before, and signs in again as after a change of password. The app's own sign-out is not meant.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sign_in_with_the_properties_of_the_session_brings_none_back_that_has_ended_meanwhile(bool copy)
    {
        await using var app = await Start();
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, "/again?leave=true")).StatusCode);
        Assert.Equal(200, await browser.Status("/secret"));

        Assert.Equal("SessionEnded", await (await browser.Send(HttpMethod.Post, $"/again?end=true&copy={copy}")).Content.ReadAsStringAsync());

        Assert.Empty(await server.Api.Sessions($"user={user}"));
        Assert.Equal(401, await browser.Status("/secret"));
    }

    /// <summary>The app's own event comes between the two.</summary>
    [Fact]
    public async Task A_session_that_ends_between_the_check_and_the_login_is_not_brought_back()
    {
        await using var app = await Start();
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        var token = browser.Cookie(SessionCookie);

        Assert.Equal("SessionEnded", await (await browser.Send(HttpMethod.Post, "/again?late=true")).Content.ReadAsStringAsync());

        Assert.Equal(token, browser.Cookie(SessionCookie));
        Assert.Empty(await server.Api.Sessions($"user={user}"));
    }

    /// <summary>As in a Blazor page that is being sent: nobody would have the new session, and the browser's own would be over.</summary>
    [Fact]
    public async Task A_sign_in_after_the_answer_has_begun_changes_nothing_and_one_while_it_begins_is_in_time()
    {
        await using var app = await Start();
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        var before = await Session();

        Assert.Contains("Sign in before anything is written", await (await browser.Send(HttpMethod.Post, $"/begun?user={user}")).Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(before, await Session());
        Assert.Equal(200, await browser.Status("/secret"));
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/begins?user={user}")).StatusCode);
        Assert.NotEqual(before, await Session());
        Assert.Equal(200, await browser.Status("/secret"));

        async Task<string> Session() => Assert.Single(await server.Api.Sessions($"user={user}"))!["uuid"]!.GetValue<string>();
    }

    /// <summary>As antiforgery asks, which compares the issuer of <c>sub</c> when it was made and when it comes back.</summary>
    [Fact]
    public async Task Claims_come_from_the_issuer_that_the_options_say_else_from_the_scheme()
    {
        foreach (var (issuer, said) in new[] { (null, SessionClusterDefaults.AuthenticationScheme), (ClaimsIdentity.DefaultIssuer, ClaimsIdentity.DefaultIssuer) })
        {
            await using var app = await TestApp.Start(server, o => o.ClaimsIssuer = issuer, use: a =>
            {
                a.MapGet("/issuers", (ClaimsPrincipal who) => who.Claims.Select(claim => claim.Issuer).Distinct());
                a.MapPost("/again", async (HttpContext http) => await http.SignInAsync(http.User));
            });
            using var browser = app.NewVisitor();
            Assert.Null(await browser.SignIn(Actions.NewUser(), "?role=admin"));
            var sid = (await browser.Get("/who"))["sid"]!.GetValue<string>();

            Assert.Equal(said, Assert.Single((await browser.Get("/issuers")).AsArray())!.GetValue<string>());
            Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, "/again")).StatusCode);
            Assert.NotEqual(sid, (await browser.Get("/who"))["sid"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task A_sign_in_and_a_sign_out_lead_to_where_their_properties_say()
    {
        await using var app = await Start();
        using var browser = app.NewVisitor();

        foreach (var (path, to) in new[] { ("/lead-in", "/secret"), ("/lead-out", "/bye") })
        {
            var answer = await browser.Send(HttpMethod.Post, path);
            Assert.Equal((HttpStatusCode.Redirect, to), (answer.StatusCode, answer.Headers.Location?.OriginalString));
        }
    }

    /// <summary>A method that the properties say stands before those of the principal, and none is lost or there twice.</summary>
    [Theory]
    [InlineData("auth_webauthn_pwl", "auth_webauthn_pwl pwd otp")]
    [InlineData("otp", "otp pwd")]
    [InlineData("password", "pwd otp")]
    public async Task A_method_that_is_set_comes_back_with_those_of_the_principal_and_a_sign_in_with_the_sessions_properties_keeps_it(string set, string all)
    {
        await using var app = await Start();
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/method?user={user}&set={set}")).StatusCode);
        Assert.Equal(all, await Methods());

        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/method?user={user}")).StatusCode);
        Assert.Equal(all.Split(' ')[0], await Methods());
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/method?user={Actions.NewUser()}")).StatusCode);
        Assert.Equal("pwd", await Methods());

        async Task<string> Methods() => string.Join(' ', (await browser.Get("/methods")).AsArray().Select(method => method!.GetValue<string>()));
    }

    [Fact]
    public async Task All_methods_come_back_by_which_a_person_proved_who_they_are()
    {
        await using var app = await Start();
        using var browser = app.NewVisitor();

        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, "/methods")).StatusCode);

        Assert.Equal(["pwd", "otp", "face"], (await browser.Get("/methods")).AsArray().Select(method => method!.GetValue<string>()));
    }

    /// <summary>As with OpenID Connect, which looks for the scheme that signed in. The tokens of SaveTokens would be in the session's data, which its owner and others read.</summary>
    [Fact]
    public async Task What_the_properties_of_a_sign_in_have_comes_back_but_for_tokens_and_what_is_too_large_is_said()
    {
        await using var app = await Start();
        using var browser = app.NewVisitor();

        Assert.Equal(HttpStatusCode.Redirect, (await browser.Send(HttpMethod.Post, "/tokens?size=2000")).StatusCode);

        var back = await browser.Get("/tokens");
        Assert.Equal((2000, "oidc"), (back["more"]!.GetValue<string>().Length, back["from"]!.GetValue<string>()));
        Assert.Equal(".AuthScheme .expires .sessioncluster.scheme .sessioncluster.session more", back["items"]!.GetValue<string>());
        Assert.Equal(back["session"]!.GetValue<string>(), (await browser.Get("/who"))["sid"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, "/again")).StatusCode);
        Assert.Equal(2000, (await browser.Get("/tokens"))["more"]!.GetValue<string>().Length);
        Assert.Contains("Sessions:MaxData", await (await browser.Send(HttpMethod.Post, "/tokens?size=40000")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>OpenID Connect's handler compares it with that of a sign-out at the provider. A session's own is never taken for one.</summary>
    [Theory]
    [InlineData("kc-1")]
    [InlineData(null)]
    public async Task The_sid_of_an_identity_provider_stays_and_the_session_is_known_beside_it(string? sid)
    {
        await using var app = await Start();
        using var browser = app.NewVisitor();
        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, $"/provider?sid={sid}")).StatusCode);

        foreach (var again in new[] { "/again", "/again?leave=true", "/nothing" })
        {
            var session = Assert.Single((await browser.Get("/account/sessions")).AsArray())!;
            Assert.True(session["current"]!.GetValue<bool>());
            Assert.Equal(sid ?? session["uuid"]!.GetValue<string>(), (await browser.Get("/who"))["sid"]!.GetValue<string>());
            Assert.Equal(again == "/nothing" ? HttpStatusCode.NotFound : HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, again)).StatusCode);
        }
    }

    private Task<TestApp> Start() => TestApp.Start(server, EndLate, use: app =>
    {
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
        app.MapPost("/begins", (HttpContext http, string user) => http.Response.OnStarting(() => http.SignInAsync(Somebody(user))));
        app.MapPost("/again", async (HttpContext http, ISessionClusterClient sessions, bool? end, bool? leave, bool? copy) =>
        {
            var session = await http.AuthenticateAsync();
            await (end == true ? sessions.EndSessionsAsync(session.Principal!.FindFirst("sub")!.Value) : Task.CompletedTask);
            await (leave == true ? http.SignOutAsync() : Task.CompletedTask);
            try
            {
                await http.SignInAsync(session.Principal!, copy == true ? session.Properties!.Clone() : session.Properties);
                return "";
            }
            catch (SessionClusterSignInException exception)
            {
                return exception.Refusal.ToString();
            }
        });
        app.MapPost("/provider", (HttpContext http, string? sid) => http.SignInAsync(
            new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", Actions.NewUser()), .. string.IsNullOrEmpty(sid) ? Array.Empty<Claim>() : [new("sid", sid)]], "test"))));
        app.MapPost("/tokens", async (HttpContext http, int size) =>
        {
            var properties = new AuthenticationProperties { Items = { [".AuthScheme"] = "oidc", ["more"] = new string('x', size) }, RedirectUri = "/" };
            properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = "secret" }]);
            return await Record.ExceptionAsync(() => http.SignInAsync(Somebody(Actions.NewUser()), properties)) is { } failure ? failure.Message : "";
        });
        app.MapGet("/tokens", async (HttpContext http) =>
        {
            var properties = (await http.AuthenticateAsync()).Properties!;
            return new { Session = properties.Session(), More = properties.Items["more"], From = properties.Items[".AuthScheme"], Items = string.Join(' ', properties.Items.Keys.Order(StringComparer.Ordinal)) };
        });
        app.MapPost("/lead-in", (HttpContext http) => http.SignInAsync(Somebody(Actions.NewUser()), new AuthenticationProperties { RedirectUri = "/secret" }));
        app.MapPost("/lead-out", (HttpContext http) => http.SignOutAsync(new AuthenticationProperties { RedirectUri = "/bye" }));
        app.MapPost("/methods", (HttpContext http) => http.SignInAsync(Somebody(Actions.NewUser(), "pwd", "otp", "face")));
        app.MapPost("/method", async (HttpContext http, string user, string? set) =>
        {
            var properties = (await http.AuthenticateAsync()).Properties ?? new AuthenticationProperties();
            await http.SignInAsync(set is null ? Somebody(user) : Somebody(user, "pwd", "otp"), set is null ? properties : properties.SetAuthMethod(set));
        });
        app.MapGet("/methods", (ClaimsPrincipal user) => user.FindAll("amr").Select(claim => claim.Value));
    });

    private static void EndLate(SessionClusterOptions options) => options.Events.OnSigningIn = context => context.Request.Query.ContainsKey("late")
        ? context.HttpContext.RequestServices.GetRequiredService<ISessionClusterClient>().EndSessionsAsync(context.Login.User.Pk)
        : Task.CompletedTask;

    private static ClaimsPrincipal Somebody(string user, params string[] methods) =>
        new(new ClaimsIdentity([new Claim("sub", user), .. methods.Select(method => new Claim("amr", method))], "test"));
}
