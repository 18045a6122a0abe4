using System.Net;
using Microsoft.AspNetCore.Http;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>Sign in, use, end: an app with the scheme, against the real server.</summary>
[Collection(nameof(SessionServer))]
public sealed class SignInTests(SessionServer server)
{
    private const string SessionCookie = "sessioncluster_session";

    [Fact]
    public async Task A_session_has_the_claims_of_its_user()
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Empty((await browser.Get("/who")).AsObject());

        Assert.Null(await browser.SignIn(user, "?role=admin"));

        var who = await browser.Get("/who");
        Assert.Equal((user, $"Name {user}", $"{user}@example.test", "pwd", "false"), (Text("sub"), Text("name"), Text("email"), Text("amr"), Text("known_device")));
        var session = Assert.Single(await server.Api.Sessions($"user={user}"))!;
        Assert.Equal(session["uuid"]!.GetValue<string>(), Text("sid"));
        Assert.Equal(DateTimeOffset.Parse(session["created"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture), Text("auth_time"));
        Assert.Equal(Places.Berlin, session["last_ip"]!.GetValue<string>());
        // A claim that only the app knows comes back, as the role that it is.
        Assert.Equal(200, await browser.Status("/admin"));

        string Text(string claim) => who[claim]!.GetValue<string>();
    }

    [Fact]
    public async Task Without_a_session_a_page_leads_to_the_login_and_a_script_hears_401()
    {
        await using var app = await TestApp.Start(server, pathBase: "/app");
        using var browser = app.NewVisitor();

        var page = await browser.Send(HttpMethod.Get, "/app/secret?a=b", ("Sec-Fetch-Mode", "navigate"));
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal("/app/login?returnUrl=%2Fapp%2Fsecret%3Fa%3Db", page.Headers.Location!.OriginalString);
        Assert.Equal(401, await browser.Status("/secret"));
        Assert.Null(await browser.SignIn(Actions.NewUser()));
        Assert.Equal(403, await browser.Status("/admin"));
    }

    /// <summary>Its enhanced navigation fetches a page as a script does, and shows the one to which that leads.</summary>
    [Fact]
    public async Task A_page_that_Blazor_fetches_leads_to_the_login()
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();

        var page = await browser.Send(HttpMethod.Get, "/secret", ("Sec-Fetch-Mode", "no-cors"), ("Accept", "text/html; blazor-enhanced-nav=on"));
        var script = await browser.Send(HttpMethod.Get, "/secret", ("Sec-Fetch-Mode", "no-cors"), ("Accept", "text/html"));

        Assert.Equal((HttpStatusCode.Redirect, "/login?returnUrl=%2Fsecret"), (page.StatusCode, page.Headers.Location?.OriginalString));
        Assert.Equal(HttpStatusCode.Unauthorized, script.StatusCode);
    }

    [Fact]
    public async Task A_session_that_is_ended_from_outside_is_refused_at_the_next_request()
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        Assert.Equal(200, await browser.Status("/secret"));

        (await server.Api.Post($"/api/v3/users/{user}/sessions/revoke/")).Is(200);

        Assert.Equal(401, await browser.Status("/secret"));
        Assert.Contains("refused Revoked", app.Told);
        var page = await browser.Send(HttpMethod.Get, "/secret", ("Accept", "text/html"));
        Assert.Contains("reason=revoked", page.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Empty((await browser.Get("/who")).AsObject());
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_a_kept_cookie_is_worth_nothing()
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        var token = browser.Cookie(SessionCookie)!;

        Assert.Equal(HttpStatusCode.OK, (await browser.Send(HttpMethod.Post, "/signout")).StatusCode);

        Assert.Null(browser.Cookie(SessionCookie));
        Assert.Equal("revoked", await server.Api.WhyNot(token));
        using var thief = app.NewVisitor();
        thief.SetCookie(SessionCookie, token);
        Assert.Equal(401, await thief.Status("/secret"));
    }

    [Fact]
    public async Task A_sign_in_takes_a_new_token_and_ends_the_session_before_it()
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        var first = browser.Cookie(SessionCookie)!;

        Assert.Null(await browser.SignIn(user));

        Assert.NotEqual(first, browser.Cookie(SessionCookie));
        Assert.Equal("revoked", await server.Api.WhyNot(first));
        Assert.Equal(["signed in, 0 ended", "signed in, 1 ended"], app.Told);
    }

    [Fact]
    public async Task A_stage_that_ends_others_ends_them_in_other_browsers()
    {
        var stage = await server.Api.Stage("\"terminate_other_sessions\": true");
        await using var app = await TestApp.Start(server);
        using var one = app.NewVisitor();
        using var two = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await one.SignIn(user));

        Assert.Null(await two.SignIn(user, $"?stage={stage}"));

        Assert.Equal(401, await one.Status("/secret"));
        Assert.Equal(200, await two.Status("/secret"));
    }

    [Fact]
    public async Task A_use_from_another_network_breaks_the_binding()
    {
        var stage = await server.Api.Stage("\"network_binding\": \"bind_asn\"");
        await using var app = await TestApp.Start(server, o => o.Stage = stage);
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser()));
        browser.Ip = Places.BerlinToo;
        Assert.Equal(200, await browser.Status("/secret"));

        browser.Ip = Places.BerlinOtherAsn;

        Assert.Equal(401, await browser.Status("/secret"));
        Assert.Contains("refused BindingBroken network.asn", app.Told);
        browser.Ip = Places.Berlin;
        Assert.Equal(401, await browser.Status("/secret"));
    }

    [Fact]
    public async Task A_browser_that_was_seen_before_is_a_known_device()
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();
        using var other = app.NewVisitor(Places.Tokyo);
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));
        browser.Ip = Places.Paris;
        Assert.Null(await browser.SignIn(user));
        Assert.Null(await other.SignIn(user));

        Assert.Equal("true", (await browser.Get("/who"))["known_device"]!.GetValue<string>());
        Assert.Equal("false", (await other.Get("/who"))["known_device"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_stage_that_asks_wants_an_answer_and_yes_makes_a_cookie_that_stays()
    {
        var stage = await server.Api.Stage("\"session_duration\": \"seconds=0\", \"remember_me_offset\": \"days=30\"");
        await using var app = await TestApp.Start(server, o => o.Stage = stage);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();

        var refused = await browser.SignIn(user);
        Assert.Contains("IsPersistent", refused, StringComparison.Ordinal);
        Assert.Null(browser.Cookie(SessionCookie));

        Assert.Null(await browser.SignIn(user, "?remember=false"));
        Assert.Equal(DateTime.MinValue, browser.CookieExpires(SessionCookie));
        Assert.Null(await browser.SignIn(user, "?remember=true"));
        Assert.InRange(browser.CookieExpires(SessionCookie).ToUniversalTime(), DateTime.UtcNow.AddDays(29), DateTime.UtcNow.AddDays(31));
    }

    [Fact]
    public async Task A_session_past_its_end_is_refused()
    {
        var stage = await server.Api.Stage("\"session_duration\": \"seconds=2\"");
        await using var app = await TestApp.Start(server, o => o.Stage = stage);
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn(Actions.NewUser()));
        var token = browser.Cookie(SessionCookie)!;
        await Poll.Until(async () => await server.Api.WhyNot(token) is not null);

        using var late = app.NewVisitor();
        late.SetCookie(SessionCookie, token);

        Assert.Equal(401, await late.Status("/secret"));
        Assert.Contains("refused Expired", app.Told);
    }

    [Fact]
    public async Task Two_apps_of_one_host_share_a_session()
    {
        await using var one = await TestApp.Start(server);
        await using var two = await TestApp.Start(server);
        using var browser = one.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user, "?role=admin"));
        using var elsewhere = two.NewVisitor();
        elsewhere.SetCookie(SessionCookie, browser.Cookie(SessionCookie)!);

        Assert.Equal(200, await elsewhere.Status("/admin"));
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.Send(HttpMethod.Post, "/signout")).StatusCode);
        Assert.Equal(401, await browser.Status("/secret"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("%00%ff")]
    [InlineData("a.b.c")]
    [InlineData("%F0%9F%98%80")]
    [InlineData("LONG")]
    public async Task A_cookie_that_is_no_token_is_nobody(string value)
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();

        var answer = await browser.Send(HttpMethod.Get, "/who", ("Cookie", $"{SessionCookie}={value.Replace("LONG", new string('a', 5000), StringComparison.Ordinal)}"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("{}", await answer.Content.ReadAsStringAsync());
    }

    /// <summary>What the server would refuse is cut: a request does not fail by what it looks like.</summary>
    [Fact]
    public async Task A_request_of_any_form_is_checked()
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        Assert.Null(await browser.SignIn(user));

        foreach (var path in new[] { "/secret?a=%00&b=1&b=2&token=hidden&%00=x", "/secret?" + new string('q', 4000), "/secret?a=%ff%fe%ed%a0%80" })
        {
            Assert.Equal(200, await browser.Status(path));
        }

        Assert.Equal(404, await browser.Status("/" + new string('p', 5000)));
        browser.Ip = "2001:db8::1";
        Assert.Equal(200, await browser.Status("/secret"));
    }

    /// <summary>Not even the server is told, which would keep such a value to itself, and knows nothing of an address within a value.</summary>
    [Fact]
    public void What_may_be_secret_stays_in_the_app()
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString("?a=1&token=hidden&api_KEY=hidden&reset-code=hidden&returnUrl=%2Finvite%3Ftoken%3Dhidden&next=/app%23token=hidden");

        Assert.Equal([new("a", "1"), new("returnUrl", "/invite"), new("next", "/app")], Browser.Facts(context).Args!);
    }

    [Fact]
    public async Task A_cookie_of_its_own_has_the_name_and_attributes_that_the_app_says()
    {
        await using var app = await TestApp.Start(server, o => (o.Cookie.Name, o.Cookie.Path, o.Cookie.SameSite) = ("mine", "/", SameSiteMode.Strict));
        using var browser = app.NewVisitor();

        var answer = await browser.Send(HttpMethod.Post, $"/signin/{Actions.NewUser()}");

        Assert.Contains(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("mine=", StringComparison.Ordinal) && c.Contains("samesite=strict", StringComparison.OrdinalIgnoreCase) && c.Contains("httponly", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(200, await browser.Status("/secret"));
    }

    [Fact]
    public async Task A_deactivated_user_is_refused_by_name()
    {
        await using var app = await TestApp.Start(server);
        using var browser = app.NewVisitor();
        var user = Actions.NewUser();
        (await server.Api.Post($"/api/v3/users/{user}/deactivate/")).Is(200);

        Assert.Contains("may not log in", await browser.SignIn(user), StringComparison.Ordinal);
        Assert.Null(browser.Cookie(SessionCookie));
    }
}
