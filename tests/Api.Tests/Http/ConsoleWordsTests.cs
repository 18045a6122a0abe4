using System.Net;
using SessionCluster.Api.Pages.Console;
using SessionCluster.Api.Pages.Words;
using SessionCluster.Events;
using SessionCluster.Geo;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

/// <summary>What the console says in words of events, of faults and of what is not there.</summary>
public sealed class ConsoleWordsTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    private string _cookie = "";

    public async Task InitializeAsync()
    {
        _host = await ApiHost.Start();
        _cookie = await _host.SignInToConsole();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("network.asn", "64500", "64501", "<bdi>AS64500</bdi>", "<bdi>AS64501</bdi>")]
    [InlineData("network.asn_network", "null", "\"192.0.2.0/24\"", "<bdi>No record</bdi>", "<bdi>192.0.2.0/24</bdi>")]
    [InlineData("network.missing", """{"asn": 64500, "as_org": "Net", "network": "192.0.2.0/24"}""", "{}", "<bdi>AS64500, 192.0.2.0/24</bdi>", "<bdi>No record</bdi>")]
    [InlineData("geoip.missing", """{"lat": 1, "long": 2, "city": "Bonn", "country": "DE", "continent": "EU"}""", "{}", "<bdi>Bonn, Germany</bdi>", "<bdi>No record</bdi>")]
    [InlineData("geoip.continent", """{"code": "EU", "geoname_id": 1, "names": {"de": "Europa", "en": "Europe"}}""", """{"code": "AS", "geoname_id": 2, "names": {}}""", "<bdi>Europe</bdi> <small>EU</small>", "<bdi>AS</bdi>")]
    [InlineData("geoip.country", """{"iso_code": "DE", "geoname_id": 1, "names": {"de": "Österreich"}}""", "7", "<bdi>Österreich</bdi> <small>DE</small>", "<bdi>AS7</bdi>")]
    [InlineData("geoip.city", """{"geoname_id": 5, "names": {}}""", """{"geoname_id": null, "names": {}}""", "<bdi>GeoName 5</bdi>", "<bdi>Without a name</bdi>")]
    public async Task Both_sides_of_a_broken_binding_are_said_in_words(string reason, string previous, string next, string before, string after)
    {
        var session = Ended($$$"""{"logout_reason": "Binding broken", "binding": {"reason": "{{{reason}}}", "previous_value": {{{previous}}}, "new_value": {{{next}}}}}""");

        var page = await Open($"/admin/sessions/{session}/");

        Assert.Contains($"<td data-label=\"Before\"><div>{before}", page, StringComparison.Ordinal);
        Assert.Contains($"<td data-label=\"After\"><div>{after}", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"path": "", "method": "", "args": {}, "user_agent": ""}""", false, null)]
    [InlineData("""{"path": "", "method": "", "args": {}, "user_agent": "agent/1"}""", false, "Browser then")]
    [InlineData("""{"path": "/x", "method": "GET", "args": {"name": "Österreich"}, "user_agent": "agent/1"}, "actor": "ops" """, true, "Asked by the browser")]
    public async Task Of_the_request_that_ended_a_session_only_what_there_is_of_it_is_shown(string request, bool hasPath, string? browser)
    {
        var page = await Open($"/admin/sessions/{Ended($$"""{"logout_reason": "x", "http_request": {{request}}}""")}/");

        Assert.Equal(hasPath, page.Contains("<dt>Request</dt>", StringComparison.Ordinal));
        Assert.Equal(hasPath, page.Contains("""{"name":"Österreich"}""", StringComparison.Ordinal));
        foreach (var label in (string[])["Browser then", "Asked by the browser"])
        {
            Assert.Equal(label == browser, page.Contains($"<dt>{label}</dt>", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("""{"model": {"model_name": "user", "name": "jane"}, "diff": {"is_active": {"previous_value": true, "new_value": false}}}""", EventActions.ModelUpdated, "Deactivated")]
    [InlineData("""{"model": {"model_name": "user", "name": ""}, "diff": {"is_active": {"previous_value": false, "new_value": true}}}""", EventActions.ModelUpdated, "Activated")]
    [InlineData("""{"model": {"model_name": "user", "name": "jane"}, "diff": "x"}""", EventActions.ModelUpdated, "Changed: user jane")]
    [InlineData("""{"model": {"model_name": "userloginstage", "name": "short"}}""", EventActions.ModelCreated, "Created: login stage short")]
    [InlineData("""{"model": {"model_name": "policybinding", "name": ""}}""", EventActions.ModelDeleted, "Deleted: binding")]
    public async Task A_change_is_said_by_what_it_was(string context, string action, string words)
    {
        var pk = Add(action, context, null);

        Assert.Contains($"<h1><bdi>{words}</bdi></h1>", await Open($"/admin/events/{pk}/"), StringComparison.Ordinal);
    }

    /// <summary>Marks that are not seen: a name that is read from right to left stands between two of them, one that turns around what follows is not let through.</summary>
    [Theory]
    [InlineData("שרה", "\u2068שרה\u2069")]
    [InlineData("jane\u202E", "jane")]
    public async Task A_name_turns_nothing_beside_it_around(string name, string written)
    {
        var entry = Entry(EventActions.Logout, $$"""{"logout_reason": "{{name}}", "actor": "ops"}""", new SessionId(Guid.NewGuid()), FakeGrains.Now) with { User = new UserFacts(new UserId("42"), name, "j@x", name) };
        _host.Grains.Events.All.Add(entry);
        Assert.Equal($"\u201c{written}\u201d, Key ops", EventWords.Of(new(entry)).Detail);
        Assert.Contains($"<title>Unknown program of {written} - ", await Open($"/admin/sessions/{entry.Session}/"), StringComparison.Ordinal);
        Assert.Contains($"<title>User {written} - ", await Open("/admin/users/42/?username=" + Uri.EscapeDataString(name)), StringComparison.Ordinal);

        Assert.Equal($"with {written}, known device", EventWords.Of(new(Entry(EventActions.Login, $$"""{"auth_method": "{{name}}"}""", null, FakeGrains.Now))).Detail);
        Assert.Equal($"Deleted: rule {written}", EventWords.Of(new(Entry(EventActions.ModelDeleted, $$"""{"model": {"model_name": "notificationrule", "name": "{{name}}"} }""", null, FakeGrains.Now))).What);
        var stage = _host.Grains.Catalog.Put(name, TimeSpan.Zero);
        Assert.Contains($"<title>Stage {written} - ", await Open($"/admin/stages/{stage.Pk}/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_name_of_a_user_is_set_apart_by_itself()
    {
        var session = _host.Grains.Add("42", "jane");
        var user = session.User with { Name = "Jane", Email = "j@x" };
        _host.Grains.Sessions[session.Id] = session with { User = user };
        _host.Grains.Users = new UserPage([new ListedUser(user, Active: true, Sessions: 1, FakeGrains.Now)], HasMore: false);

        Assert.Contains("<bdi>Jane</bdi>, <bdi>j@x</bdi>", await Open("/admin/users/"), StringComparison.Ordinal);
        Assert.Contains("<bdi>jane</bdi></a>, <bdi>Jane</bdi>, pk", await Open($"/admin/sessions/{session.Id}/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Receipts_and_the_page_of_a_user_say_that_their_times_are_utc()
    {
        _host.Grains.Add("42");

        var page = WebUtility.HtmlDecode((await Send("POST", "/admin/users/42/end-all/", "reason=x")).MustBe(200).Text);

        Assert.Matches("<dt>Committed</dt><dd class=\"num\"><time datetime=\"[-0-9]{10}T[:0-9]{8}\\.[0-9]{6}Z\">[:0-9]{8}\\.[0-9]{6} UTC</time></dd>", page);
        Assert.Matches("<dt>Everywhere</dt><dd class=\"num\"><time [^>]+>[:0-9]{8}\\.[0-9]{6} UTC</time>", page);
        Assert.Matches("<p class=\"pulse\">As of <time [^>]+>[:0-9]{8}</time> UTC</p>", page);
    }

    [Theory]
    [InlineData("/admin/sessions/?asn=x", "Sessions")]
    [InlineData("/admin/bindings/?from=x", "Explain a binding")]
    [InlineData("/admin/users/?pk=.", "Users")]
    public async Task The_title_of_a_form_with_a_fault_says_so_first(string path, string title)
    {
        var key = path.Contains("/users/", StringComparison.Ordinal) ? "manage-only-key" : ApiHost.Key;
        var cookie = (await SignIn(key)).Headers["Set-Cookie"].Split(';')[0];

        var page = (await _host.Send("GET", path, null, ("Cookie", cookie), ("Accept", "text/html"))).MustBe(400).Text;

        Assert.Contains($"<title>Error: {title} - ", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_that_did_not_keep_the_cookie_is_told_so_and_one_that_did_is_led_on()
    {
        var signedIn = await SignIn(ApiHost.Key);
        var (location, cookie) = (signedIn.Headers["Location"], signedIn.Headers["Set-Cookie"].Split(';')[0]);
        const string Words = "Your browser did not keep the cookie.";

        Assert.Contains(Words, (await _host.Send("GET", location, null, ("Anonymous", ""), ("Accept", "text/html"))).MustBe(401).Text, StringComparison.Ordinal);
        Assert.Equal("/admin/", (await _host.Send("GET", location, null, ("Cookie", cookie), ("Accept", "text/html"))).MustBe(303).Headers["Location"]);
        Assert.DoesNotContain(Words, (await _host.Send("GET", "/admin/", null, ("Anonymous", ""), ("Accept", "text/html"))).MustBe(401).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_nobody_has_used_yet_says_so()
    {
        var overview = await Open("/admin/");
        Assert.Contains("<strong>Nothing yet</strong>The first login appears here.", overview, StringComparison.Ordinal);
        Assert.DoesNotContain("The 0 that", overview, StringComparison.Ordinal);

        foreach (var (path, words) in new[] { ("sessions", "No session is live"), ("users", "Nobody yet"), ("events", "No event yet") })
        {
            var page = await Open($"/admin/{path}/");
            Assert.Contains($"<strong>{words}</strong>The next login appears here.", page, StringComparison.Ordinal);
            Assert.DoesNotContain("0 to 0", page, StringComparison.Ordinal);
        }

        Assert.Contains("with fewer filters", await Open("/admin/sessions/?country=DE"), StringComparison.Ordinal);
        Assert.Contains("with fewer letters", await Open("/admin/users/?search=x"), StringComparison.Ordinal);
        Assert.Contains("with fewer filters", await Open("/admin/events/?username=x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_of_another_day_say_which()
    {
        Add(EventActions.Login, "{}", null, FakeGrains.Now.AddYears(-5));

        Assert.Contains(">21 Nov 2021, 12:00:00<", await Open("/admin/?part=newest"), StringComparison.Ordinal);
        Assert.Contains(">21 Nov 2021, 12:00:00<", await Open("/admin/events/"), StringComparison.Ordinal);
        Assert.Contains(">11:59:00<", TimeWords.ClockOn(FakeGrains.Now.AddMinutes(-1), FakeGrains.Now).ToString(), StringComparison.Ordinal);
        Assert.Contains(">20 Nov, 12:00:00<", TimeWords.ClockOn(FakeGrains.Now.AddDays(-1), FakeGrains.Now).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_is_named_as_its_field_is()
    {
        var sessions = (await Send("GET", "/admin/sessions/?asn=x")).MustBe(400).Text;
        Assert.Contains("AS number: ", sessions, StringComparison.Ordinal);
        Assert.DoesNotContain("0 found", sessions, StringComparison.Ordinal);

        var stage = (await Send("POST", "/admin/stages/new/", "name=x&session_duration=y&remember_me_offset=y&remember_device=days%3D1&network_binding=no_binding&geoip_binding=no_binding")).MustBe(400).Text;
        Assert.Matches("<a href=\"#session_duration\">Session duration</a>\\s*, <a href=\"#remember_me_offset\">Stay signed in</a>", stage);
    }

    [Theory]
    [InlineData("/admin/sessions/0f3c1c5e-9f3b-4a7e-8a43-0d7f6a3f2b10/end/", "../")]
    [InlineData("/admin/users/42/end-all?username=jane", "./?username=jane")]
    [InlineData("/admin/users/42/activate/?username=jane", "../?username=jane")]
    public async Task Who_opens_the_address_of_a_form_is_led_back_to_its_page(string path, string location)
    {
        Assert.Equal(location, (await Send("GET", path)).MustBe(303).Headers["Location"]);
        (await _host.Send("GET", path, null, ("Anonymous", ""), ("Accept", "text/html"))).MustBe(401);
        Assert.DoesNotContain(_host.Grains.Calls, call => call is Ended);
    }

    [Theory]
    [InlineData("42", "<p>pk <bdi>42</bdi>")]
    [InlineData("jane", "<p><bdi>jane</bdi>, <bdi>j@x</bdi>, pk <bdi>42</bdi>")]
    public async Task A_name_that_is_the_key_is_said_once(string username, string words)
    {
        if (username != "42")
        {
            _host.Grains.Add("42", username);
        }

        Assert.Contains(words, await Open("/admin/users/42/"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "<bdi class=\"clip\">42</bdi></a> </div>")]
    [InlineData("jane", "<bdi class=\"clip\">jane</bdi></a> <small>pk <bdi>42</bdi></small></div>")]
    public async Task The_list_of_sessions_says_a_key_once(string username, string words)
    {
        _host.Grains.Add("42", username);

        Assert.Contains(words, await Open("/admin/sessions/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_an_idle_limit_is_set_the_console_says_when_a_session_ends_if_it_is_not_used()
    {
        var session = _host.Grains.Add("42");
        _host.Grains.Sessions[session.Id] = session with { IdleTimeout = TimeSpan.FromMinutes(30) };

        foreach (var path in (string[])["/admin/sessions/", "/admin/users/42/"])
        {
            Assert.Matches("<td data-label=\"Last used\"><div><time [^>]*>[^<]*</time> <small>until 12:30 if not used</small></div></td>", await Open(path));
        }

        var page = await Open($"/admin/sessions/{session.Id}/");
        Assert.Matches("<dt>Ends if not used</dt><dd><time [^>]*>21 Nov 2026, 12:30:00 UTC</time> <small>after 30 minutes without use</small></dd>", page);
        Assert.Matches("<li class=\"after\"><span>Ends if not used</span><small><time [^>]*>21 Nov 2026, 12:30:00 UTC</time></small></li>\\s*<li class=\"after\"><span>Ends at the latest", page);

        _host.Grains.Sessions[session.Id] = session;
        foreach (var path in (string[])["/admin/sessions/", "/admin/users/42/", $"/admin/sessions/{session.Id}/"])
        {
            Assert.DoesNotContain("if not used", await Open(path), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("activate", "jane", "Jane")]
    [InlineData("deactivate", "jane", "Jane")]
    [InlineData("activate", "nobody", null)]
    public async Task The_form_of_a_user_without_sessions_tells_the_name_that_events_have(string form, string linked, string? name)
    {
        Add(EventActions.Login, "{}", null);

        (await Send("POST", $"/admin/users/42/{form}/?username={linked}", "")).MustBe(200);

        Assert.Equal(name, _host.Grains.Last<SetActiveCommand>().Named?.Name);
    }

    [Fact]
    public async Task A_deactivation_goes_on_without_the_name_where_the_events_cannot_be_read()
    {
        _host.Grains.Events.Failure = new StorageUnavailableException("The storage cannot be read.", outcomeUnknown: false);

        await Send("POST", "/admin/users/42/deactivate/?username=jane", "");

        Assert.Null(_host.Grains.Last<SetActiveCommand>().Named);
    }

    [Theory]
    [InlineData(52.4, true)]
    [InlineData(48, false)]
    public void A_ring_on_the_map_leaves_live_sessions_to_be_seen(double latitude, bool full) => Assert.Equal(
        full, WorldMap.Draw("Map", [Place(52)], [Place(latitude)]).ToString().Contains("spot core full", StringComparison.Ordinal));

    private static GeoInfo Place(double latitude) => new(latitude, 13, "", null, null);

    private SessionId Ended(string context)
    {
        var session = new SessionId(Guid.NewGuid());
        Add(EventActions.Logout, context, session);
        return session;
    }

    private Guid Add(string action, string context, SessionId? session, DateTimeOffset? at = null)
    {
        var entry = Entry(action, context, session, at ?? FakeGrains.Now);
        _host.Grains.Events.All.Add(entry);
        return entry.Pk;
    }

    private static EventInfo Entry(string action, string context, SessionId? session, DateTimeOffset at) =>
        new(Guid.NewGuid(), action, new UserFacts(new UserId("42"), "jane", "j@x", "Jane"), "1.2.3.4", session, at, context);

    private async Task<Answer> SignIn(string key) => (await _host.Send(
        "POST", "/admin/signin/", $"key={key}", ("Anonymous", ""), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded"))).MustBe(303);

    private Task<Answer> Send(string method, string path, string? form = null) => _host.Send(
        method, path, form, [("Cookie", _cookie), ("Accept", "text/html"), .. form is null ? [] : new[] { ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded") }]);

    private async Task<string> Open(string path) => WebUtility.HtmlDecode((await Send("GET", path)).MustBe(200).Text);
}
