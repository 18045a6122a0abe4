using Microsoft.AspNetCore.Routing;
using SessionCluster.Api.Hosting;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

/// <summary>Pages over HTTP: who gets in, what they may load, and that nothing a caller named is ever markup.</summary>
public sealed class PagesTests : IAsyncLifetime
{
    private const string Hostile = "\"><img src=x onerror=alert(1)><script>alert(2)</script>'\u202e&";

    private const string Account = "/account/sessions/";

    private static readonly (string, string) Html = ("Accept", "text/html");

    private static readonly (string, string) SameOrigin = ("Sec-Fetch-Site", "same-origin");

    private static readonly (string, string) Form = ("Content-Type", "application/x-www-form-urlencoded");

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task No_page_is_framed_or_kept_or_loads_anything_from_elsewhere()
    {
        var (session, cookie) = (_host.Grains.Add("42"), await SignIn(ApiHost.Key));
        AddEvents(session);

        foreach (var path in Paths(session))
        {
            var page = (await _host.Send("GET", path, null, ("Cookie", $"{cookie}; {_host.CookieOf(session)}"), Html)).MustBe(200);

            Assert.Equal(("text/html", "no-store", "DENY", "nosniff"), (page.ContentType, page.Headers["Cache-Control"], page.Headers["X-Frame-Options"], page.Headers["X-Content-Type-Options"]));
            Assert.StartsWith("default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
            Assert.DoesNotContain(" style=", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<style", page.Text, StringComparison.Ordinal);
            Assert.DoesNotMatch("<script(?! src=\"/if/assets/)", page.Text);
            Assert.DoesNotMatch(" on[a-z]+=", page.Text);
            Assert.DoesNotMatch("(src|href|action)=\"(https?:)?//", page.Text);
        }
    }

    [Fact]
    public async Task What_callers_name_is_text_on_every_page()
    {
        var user = new UserFacts(new UserId(Hostile), Hostile, Hostile, Hostile);
        var session = _host.Grains.Add("42") with
        {
            User = user,
            AuthMethod = Hostile,
            LastUserAgent = Hostile,
            Asn = new(64500, Hostile, Hostile),
            Geo = new(1, 2, Hostile, Hostile, Hostile),
        };
        _host.Grains.Sessions[session.Id] = session;
        var other = session with { Id = new SessionId(Guid.NewGuid()) };
        _host.Grains.Sessions[other.Id] = other;
        AddEvents(session, Hostile);
        _host.Grains.Catalog.Put(Hostile, TimeSpan.Zero);
        _host.Grains.Users = new UserPage([new ListedUser(user, true, 1, FakeGrains.Now)], HasMore: true);
        var cookie = $"{await SignIn(ApiHost.Key)}; {_host.CookieOf(session)}";
        string[] more =
        [
            Account + "end-others/", $"{Account}{other.Id}/not-me/", "/admin/users/" + Uri.EscapeDataString(Hostile) + "/", $"/admin/sessions/?search={Uri.EscapeDataString(Hostile)}",
            $"/admin/events/?search={Uri.EscapeDataString(Hostile)}", $"/api/docs/?q={Uri.EscapeDataString(Hostile)}",
        ];

        foreach (var path in Paths(session).Concat(more))
        {
            var page = (await _host.Send("GET", path, null, ("Cookie", cookie), Html)).MustBe(200);

            Assert.DoesNotContain("<img src=x", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("\u202e", page.Text, StringComparison.Ordinal);
        }

        var faulty = await _host.Send("GET", $"/admin/bindings/?from={Uri.EscapeDataString(Hostile)}&to=1.2.3.4", null, ("Cookie", cookie), Html);
        Assert.Contains("&lt;script&gt;", faulty.MustBe(400).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", faulty.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 401, "Sign in first")]
    [InlineData("sessioncluster_session=forged", 401, "Sign in first")]
    public async Task Without_a_session_the_page_says_to_sign_in(string cookie, int status, string words)
    {
        var page = await _host.Send("GET", Account, null, ("Anonymous", ""), ("Cookie", cookie.Length > 0 ? cookie : "a=b"), Html);

        Assert.Contains(words, page.MustBe(status).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ended_session_is_told_why_and_hears_no_address()
    {
        var session = _host.Grains.Add("42");
        _host.Grains.Sessions.TryRemove(session.Id, out _);
        _host.Grains.Refused[session.Id] = new ValidateResult(SessionStatus.BindingBroken, null, null);
        _host.Grains.Events.All.Add(EventOf(session, EventActions.Logout, """{"logout_reason":"Session binding broken","binding":{"reason":"network.asn"},"ip":{"previous":"192.0.2.7","new":"198.51.100.9"}}"""));

        var page = (await _host.Send("GET", Account, null, ("Cookie", _host.CookieOf(session)), Html)).MustBe(401);

        Assert.Contains("You were signed out", page.Text, StringComparison.Ordinal);
        Assert.Contains("moved to another network", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.7", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("198.51.100.9", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_ends_their_own_sessions_and_nobody_elses()
    {
        var (own, other, foreign) = (_host.Grains.Add("42"), _host.Grains.Add("42"), _host.Grains.Add("43"));
        var cookie = ("Cookie", _host.CookieOf(own));

        var missed = await _host.Send("POST", $"{Account}{foreign.Id}/end/", "", cookie, SameOrigin, Form, Html);
        Assert.Contains("It changed meanwhile", missed.MustBe(409).Text, StringComparison.Ordinal);
        Assert.True(_host.Grains.Sessions.ContainsKey(foreign.Id));

        var ended = await _host.Send("POST", $"{Account}{other.Id}/end/", "", cookie, SameOrigin, Form);
        Assert.Equal(Account + "?done=ended", ended.MustBe(303).Headers["Location"]);
        Assert.False(_host.Grains.Sessions.ContainsKey(other.Id));
        Assert.Equal(EndReason.RevokedByOwner, _host.Grains.Last<Ended>().Command.Reason);

        (await _host.Send("POST", $"{Account}{other.Id}/end/", "", cookie, SameOrigin, Form, Html)).MustBe(409);
        (await _host.Send("POST", "/account/signout/", $"session={own.Id}", cookie, SameOrigin, Form)).MustBe(303);
        Assert.False(_host.Grains.Sessions.ContainsKey(own.Id));
        Assert.True(_host.Grains.Sessions.ContainsKey(foreign.Id));
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData("none")]
    [InlineData("")]
    public async Task A_form_from_elsewhere_changes_nothing(string site)
    {
        var (own, other) = (_host.Grains.Add("42"), _host.Grains.Add("42"));
        var cookie = $"{await SignIn(ApiHost.Key)}; {_host.CookieOf(own)}";
        (string, string)[] headers = [("Cookie", cookie), Form, Html, .. site.Length > 0 ? [("Sec-Fetch-Site", site)] : Array.Empty<(string, string)>()];

        foreach (var path in _host.Endpoints.OfType<RouteEndpoint>().Where(IsForm).Select(endpoint => endpoint.RoutePattern.RawText!))
        {
            var url = path.Replace("{uuid}", other.Id.ToString(), StringComparison.Ordinal).Replace("{pk}", "42", StringComparison.Ordinal);
            var page = await _host.Send("POST", url, "key=" + ApiHost.Key, headers);
            Assert.Contains("came from another page", page.MustBe(403).Text, StringComparison.Ordinal);
        }

        Assert.Equal(2, _host.Grains.Sessions.Count);
    }

    [Theory]
    [InlineData("not-a-key", 401, "This key is not known")]
    [InlineData("", 401, "This key is not known")]
    [InlineData("login-only-key", 403, "may neither read nor manage")]
    public async Task A_key_that_opens_nothing_is_refused_at_its_field(string key, int status, string words)
    {
        var page = await _host.Send("POST", "/admin/signin/", $"key={key}", ("Anonymous", ""), SameOrigin, Form, Html);

        Assert.Contains(words, page.MustBe(status).Text, StringComparison.Ordinal);
        Assert.Contains("aria-invalid=\"true\"", page.Text, StringComparison.Ordinal);
        Assert.False(page.Headers.ContainsKey("Set-Cookie"));
    }

    [Fact]
    public async Task The_consoles_cookie_is_held_back_from_scripts_and_other_sites_and_opens_nothing_but_pages()
    {
        var answer = (await _host.Send("POST", "/admin/signin/", $"key={ApiHost.Key}", ("Anonymous", ""), SameOrigin, Form)).MustBe(303);
        Assert.EndsWith("; Path=/admin; Max-Age=3600; HttpOnly; SameSite=Strict", answer.Headers["Set-Cookie"], StringComparison.Ordinal);
        Assert.DoesNotContain(ApiHost.Key, answer.Headers["Set-Cookie"], StringComparison.Ordinal);
        var value = answer.Headers["Set-Cookie"].Split(';')[0];
        var token = value.Split('=')[1];

        foreach (var path in (string[])["/api/v3/events/events/", "/api/v3/core/authenticated_sessions/", "/api/v3/stages/user_login/", "/api/v3/events/stream/", "/api/v3/users/42/"])
        {
            (await _host.Send("GET", path, null, ("Cookie", value))).MustBe(401, "unauthenticated");
            (await _host.Send("GET", path, null, ("Authorization", $"Bearer {token}"))).MustBe(401, "unauthenticated");
            (await _host.Send("GET", path, null, ("Authorization", $"Session {token}"))).MustBe(401, "unauthenticated");
        }

        (await _host.Send("GET", Account, null, ("Cookie", $"sessioncluster_session={token}"), Html)).MustBe(401);
    }

    [Fact]
    public async Task Signing_out_ends_the_cookie_itself_and_an_altered_one_opens_nothing()
    {
        var cookie = await SignIn(ApiHost.Key);
        (await _host.Send("GET", "/admin/", null, ("Cookie", cookie), Html)).MustBe(200);
        (await _host.Send("GET", "/admin/", null, ("Cookie", cookie[..^2] + (cookie[^2] == 'A' ? "BB" : "AA")), Html)).MustBe(401);

        (await _host.Send("POST", "/admin/signout/", "", ("Cookie", cookie), SameOrigin, Form)).MustBe(303);

        Assert.Contains("API key", (await _host.Send("GET", "/admin/", null, ("Cookie", cookie), Html)).MustBe(401).Text, StringComparison.Ordinal);
        var late = await _host.Send("POST", "/admin/users/42/end-all/", "", ("Cookie", cookie), SameOrigin, Form, Html);
        Assert.Contains("Nothing was changed", late.MustBe(401).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_consoles_cookie_ends_after_an_hour()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(FakeGrains.Now);
        await using var host = await ApiHost.StartUnder(time);
        var answer = (await host.Send("POST", "/admin/signin/", $"key={ApiHost.Key}", ("Anonymous", ""), SameOrigin, Form)).MustBe(303);
        var cookie = ("Cookie", answer.Headers["Set-Cookie"].Split(';')[0]);

        time.Advance(TimeSpan.FromMinutes(59));
        (await host.Send("GET", "/admin/stages/", null, cookie, Html)).MustBe(200);
        time.Advance(TimeSpan.FromMinutes(1));
        (await host.Send("GET", "/admin/stages/", null, cookie, Html)).MustBe(401);
    }

    [Fact]
    public async Task A_key_without_the_role_is_told_so_and_sees_no_button()
    {
        await using var host = await ApiHost.Start(
            ("Api:Keys:2:Name", "reader"), ("Api:Keys:2:Sha256", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("read-only-key"u8))), ("Api:Keys:2:Roles:0", "read"));
        var session = host.Grains.Add("42");
        async Task<string> Open(string key) =>
            (await host.Send("POST", "/admin/signin/", $"key={key}", ("Anonymous", ""), SameOrigin, Form)).MustBe(303).Headers["Set-Cookie"].Split(';')[0];
        var (reader, manager) = (await Open("read-only-key"), await Open("manage-only-key"));
        // As with the API: devices are for those who manage.
        Assert.DoesNotContain("Known devices", (await host.Send("GET", "/admin/users/42/", null, ("Cookie", reader), Html)).MustBe(200).Text, StringComparison.Ordinal);
        Assert.Contains("Known devices", (await host.Send("GET", "/admin/users/42/", null, ("Cookie", manager), Html)).MustBe(200).Text, StringComparison.Ordinal);

        var refused = await host.Send("POST", $"/admin/sessions/{session.Id}/end/", "", ("Cookie", reader), SameOrigin, Form, Html);
        Assert.Contains("has not the role manage", refused.MustBe(403).Text, StringComparison.Ordinal);
        Assert.True(host.Grains.Sessions.ContainsKey(session.Id));
        Assert.DoesNotContain("End session", (await host.Send("GET", $"/admin/sessions/{session.Id}/", null, ("Cookie", reader), Html)).MustBe(200).Text, StringComparison.Ordinal);
        Assert.Contains("has not the role read", (await host.Send("GET", "/admin/sessions/", null, ("Cookie", manager), Html)).MustBe(403).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/admin/sessions/", (await host.Send("GET", "/admin/", null, ("Cookie", manager), Html)).MustBe(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_console_ends_a_session_and_shows_the_receipt_and_a_second_time_says_that_it_has_ended()
    {
        var (session, cookie) = (_host.Grains.Add("42"), await SignIn(ApiHost.Key));
        _host.Grains.Events.All.Add(EventOf(session, EventActions.Login, "{}"));

        var page = await _host.Send("POST", $"/admin/sessions/{session.Id}/end/", "reason=lost+laptop", ("Cookie", cookie), SameOrigin, Form, Html);

        Assert.Contains("Refused everywhere", page.MustBe(200).Text, StringComparison.Ordinal);
        Assert.Equal(("lost laptop", "bootstrap"), (_host.Grains.Last<Ended>().Command.ReasonText, _host.Grains.Last<Ended>().Command.Actor));
        var again = await _host.Send("POST", $"/admin/sessions/{session.Id}/end/", "", ("Cookie", cookie), SameOrigin, Form, Html);
        Assert.Contains("has ended already", again.MustBe(409).Text, StringComparison.Ordinal);
        // Its user was asked again, who waits for an ending that is under way.
        Assert.Equal(2, _host.Grains.Calls.OfType<Ended>().Count());
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_for_people_and_a_problem_for_programs()
    {
        Assert.Contains("This page does not exist", (await _host.Send("GET", "/nothing", null, Html)).MustBe(404).Text, StringComparison.Ordinal);
        await using var host = await ApiHost.Start(("Pages:Brand", "Acme"));
        var page = (await host.Send("GET", "/nothing", null, Html)).MustBe(404).Text;
        Assert.Contains("Acme</title>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("SessionCluster", page, StringComparison.Ordinal);
        (await _host.Send("GET", "/nothing")).MustBe(404, "not-found");
        (await _host.Send("GET", "/api/v3/nothing", null, Html)).MustBe(404, "not-found");
    }

    private static bool IsForm(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<PageRoute>() is not null && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Contains("POST");

    private IEnumerable<string> Paths(SessionInfo session) =>
    [
        "/", Account, "/admin/", "/admin/?part=tiles", "/admin/?part=newest", "/admin/?part=charts", "/admin/?part=places", "/admin/?part=endings", "/admin/events/?part=newer&seen=x", "/admin/sessions/", $"/admin/sessions/{session.Id}/", "/admin/events/", $"/admin/events/{_host.Grains.Events.All[0].Pk}/",
        "/admin/users/", "/admin/users/42/", "/admin/stages/", "/admin/stages/new/", "/admin/bindings/?from=1.2.3.4&to=5.6.7.8", "/api/docs/", "/api/docs/sessions_current/",
    ];

    private void AddEvents(SessionInfo session, string text = "x")
    {
        var request = new { user_agent = text, path = text, method = text, args = new { a = text } };
        Add(EventActions.Login, new
        {
            auth_method = text, auth_method_args = new { known_device = false }, http_request = request, geo = new { city = text, country = text }, asn = new { asn = 1, as_org = text },
        });
        Add(EventActions.Logout, new { logout_reason = text, actor = text, binding = new { reason = text, new_value = text, previous_value = text }, http_request = request });
        Add(EventActions.ModelUpdated, new { model = new { model_name = text, name = text } });

        void Add(string action, object context) => _host.Grains.Events.All.Add(EventOf(session, action, System.Text.Json.JsonSerializer.Serialize(context)));
    }

    private static EventInfo EventOf(SessionInfo session, string action, string context) =>
        new(Guid.NewGuid(), action, session.User, "1.2.3.4", session.Id, FakeGrains.Now, context);

    private async Task<string> SignIn(string key) =>
        (await _host.Send("POST", "/admin/signin/", $"key={key}", ("Anonymous", ""), SameOrigin, Form)).MustBe(303).Headers["Set-Cookie"].Split(';')[0];
}
