using System.Net;
using System.Text.RegularExpressions;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

/// <summary>What the console's lists and forms say: how they are sorted and filtered, what is new, what a value means.</summary>
public sealed partial class ConsolePagesTests : IAsyncLifetime
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
    [InlineData("", "Last used", "descending", "last_used")]
    [InlineData("?ordering=", "Last used", "descending", "last_used")]
    [InlineData("?ordering=last_used", "Last used", "ascending", "-last_used")]
    [InlineData("?ordering=username&country=DE", "User", "ascending", "-username")]
    [InlineData("?ordering=-created", "Signed in", "descending", "created")]
    public async Task The_sorted_column_says_so_and_leads_to_the_other_way_round(string query, string column, string sorted, string other)
    {
        _host.Grains.Add("42");

        var page = await Open("/admin/sessions/" + query);

        var header = Assert.Single(SortedColumn().Matches(page));
        Assert.Equal((sorted, column), (header.Groups["sorted"].Value, header.Groups["text"].Value));
        var asked = _host.Grains.Last<SessionQuery>();
        Assert.Equal((sorted == "descending", column), (asked.Descending, asked.Order switch { SessionOrder.LastUsed => "Last used", SessionOrder.Username => "User", _ => "Signed in" }));
        Assert.Contains($"ordering={other}\"", header.Value, StringComparison.Ordinal);
        Assert.Equal(query.Contains("country", StringComparison.Ordinal), header.Value.Contains("country=DE", StringComparison.Ordinal));
        Assert.Contains("aria-sort=\"descending\">When", await Open("/admin/events/"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("page_size=0")]
    [InlineData("page_size=x")]
    [InlineData("session__last_user_agent=", 2049)]
    public async Task A_fault_that_no_field_of_the_page_has_is_a_page_that_says_so(string query, int length = 0)
    {
        _host.Grains.Add("42");

        var page = await _host.Send("GET", $"/admin/sessions/?{query}{new string('x', length)}", null, ("Cookie", _cookie), ("Accept", "text/html"));

        Assert.Equal("text/html", page.MustBe(400).ContentType);
        Assert.DoesNotContain("0 sessions", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(_host.Grains.Calls, call => call is SessionQuery);
    }

    [Fact]
    public async Task A_stage_of_the_longest_durations_is_shown_as_any()
    {
        var longest = SessionCluster.LoginStage.Duration.Load("days=999999999");
        var stage = _host.Grains.Catalog.Put("longest", TimeSpan.Zero) with { SessionDuration = longest, RememberMeOffset = longest };
        _host.Grains.Catalog.Put(stage);

        Assert.Contains("longest", await Open("/admin/stages/"), StringComparison.Ordinal);
        Assert.Contains("days=999999999", await Open($"/admin/stages/{stage.Pk}/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stage_that_somebody_else_saves_in_the_same_moment_is_not_overwritten()
    {
        var stage = _host.Grains.Catalog.Put("shared", TimeSpan.Zero);
        _host.Grains.Catalog.Meanwhile = () => _host.Grains.Catalog.Put(stage with { TerminateOtherSessions = true });

        var page = await _host.Send(
            "POST", $"/admin/stages/{stage.Pk}/", "name=mine&session_duration=seconds%3D0&remember_me_offset=seconds%3D0&remember_device=days%3D30&network_binding=no_binding&geoip_binding=no_binding",
            ("Cookie", _cookie), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "text/html"));

        Assert.Contains("It changed meanwhile", page.MustBe(409).Text, StringComparison.Ordinal);
        Assert.Equal(("shared", true), ((await _host.Grains.Catalog.Find($"{stage.Pk}"))!.Name, (await _host.Grains.Catalog.Find($"{stage.Pk}"))!.TerminateOtherSessions));
    }

    [Fact]
    public async Task The_curve_of_live_sessions_is_of_live_sessions()
    {
        _host.Grains.Add("42");

        var tiles = await Open("/admin/?part=tiles");

        // As high as it goes, though nobody has logged in here.
        Assert.Contains("M0 1L100 1", tiles[tiles.IndexOf("Live sessions", StringComparison.Ordinal)..tiles.IndexOf("Checks", StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_filter_in_use_is_a_badge_that_leads_to_the_list_without_it()
    {
        var sessions = await Open("/admin/sessions/?search=%3Cjane%3E&country=DE&asn=64500&ordering=expires");
        Assert.Equal(["“<jane>”", "AS64500", "Germany"], Filter().Matches(sessions).Select(badge => WebUtility.HtmlDecode(badge.Groups["text"].Value)));
        Assert.Equal("/admin/sessions/?search=%3Cjane%3E&asn=64500&ordering=expires&", WebUtility.HtmlDecode(Filter().Matches(sessions)[^1].Groups["url"].Value));
        Assert.Contains("Clear all", sessions, StringComparison.Ordinal);

        var events = await Open("/admin/events/?action=logout&username=jane");
        Assert.Equal(["Endings", "User jane"], Filter().Matches(events).Select(badge => badge.Groups["text"].Value));
        Assert.DoesNotContain("Clear all", await Open("/admin/events/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_events_come_as_rows_once_and_where_there_are_too_many_a_link_says_so()
    {
        var session = _host.Grains.Add("42");
        var old = Add(session);
        Assert.Contains($"part=newer&seen={old}\"", await Open("/admin/events/"), StringComparison.Ordinal);

        var none = await Open($"/admin/events/?part=newer&seen={old}");
        Assert.Contains($"seen={old}\"", none, StringComparison.Ordinal);
        Assert.DoesNotContain("<tr>", none, StringComparison.Ordinal);

        var (first, second) = (Add(session), Add(session));
        var two = await Open($"/admin/events/?part=newer&seen={old}");
        Assert.Contains($"seen={second}\"", two, StringComparison.Ordinal);
        Assert.Equal([$"{second}", $"{first}"], EventLink().Matches(two).Select(link => link.Groups["pk"].Value));
        Assert.DoesNotContain("show all", two, StringComparison.Ordinal);

        var many = await Open($"/admin/events/?part=newer&seen={old}&page_size=2");
        Assert.Contains("show all", many, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"newer\"", await Open("/admin/events/?page=2&page_size=2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_part_of_the_overview_asks_for_itself_anew_and_marks_what_is_new()
    {
        var session = _host.Grains.Add("42");
        var old = Add(session);
        var page = await Open("/admin/");

        foreach (var part in (string[])["tiles", "charts", "places", "newest", "endings"])
        {
            Assert.Contains($"hx-get=\"/admin/?part={part}", page, StringComparison.Ordinal);
            var answer = await Open($"/admin/?part={part}");
            Assert.Contains($"hx-get=\"/admin/?part={part}", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("<html", answer, StringComparison.Ordinal);
        }

        Add(session);
        Assert.Single(Fresh().Matches(await Open($"/admin/?part=newest&seen={old}")));
        Assert.Empty(Fresh().Matches(await Open("/admin/?part=newest")));
    }

    [Fact]
    public async Task Users_are_listed_by_the_beginning_of_their_name_or_key_and_the_next_page_begins_behind_the_last()
    {
        var jane = new ListedUser(new UserFacts(new UserId("4&2"), "jané", "j@x", "Jane"), Active: false, Sessions: 3, FakeGrains.Now);
        _host.Grains.Users = new UserPage([jane], HasMore: true);

        var byName = await Open("/admin/users/?search=ja%26");
        Assert.Equal(new UserQuery(UserOrder.Name, "ja&", null, 50), _host.Grains.Last<UserQuery>());
        Assert.Contains("href=\"/admin/users/4%262/?username=jan%C3%A9\"", byName, StringComparison.Ordinal);
        Assert.Contains("Deactivated", byName, StringComparison.Ordinal);
        Assert.Contains("href=\"/admin/users/?search=ja%26&amp;ordering=username&amp;after=jan%C3%A9\" rel=\"next\"", byName, StringComparison.Ordinal);
        Assert.Contains("aria-sort=\"ascending\">Name", byName, StringComparison.Ordinal);

        var byKey = await Open("/admin/users/?ordering=pk&after=4%261");
        Assert.Equal(new UserQuery(UserOrder.Key, "", "4&1", 50), _host.Grains.Last<UserQuery>());
        Assert.Contains("after=4%262\" rel=\"next\"", byKey, StringComparison.Ordinal);
        Assert.Contains("First page", byKey, StringComparison.Ordinal);
        (await _host.Send("GET", "/admin/users/?ordering=email", null, ("Cookie", _cookie), ("Accept", "text/html"))).MustBe(400);
    }

    [Fact]
    public async Task A_stage_with_a_faulty_duration_is_not_saved_and_the_field_says_what_is_wrong()
    {
        const string Fields = "name=pages&session_duration=hours%3D8&remember_device=days%3D30&network_binding=bind_asn&geoip_binding=no_binding&remember_me_offset=";

        var faulty = await _host.Send("POST", "/admin/stages/new/", Fields + "minute%3D5", ("Cookie", _cookie), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "text/html"));
        Assert.Contains("Nothing was saved", faulty.MustBe(400).Text, StringComparison.Ordinal);
        Assert.Contains("There is no key &#x27;minute&#x27;", faulty.Text, StringComparison.Ordinal);
        Assert.Contains("value=\"minute=5\"", faulty.Text, StringComparison.Ordinal);

        var saved = await _host.Send("POST", "/admin/stages/new/", Fields + "days%3D1", ("Cookie", _cookie), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded"));
        var page = await _host.Send("GET", saved.MustBe(303).Headers["Location"], null, ("Cookie", _cookie), ("Accept", "text/html"));
        Assert.Contains("= 8 hours", page.MustBe(200).Text, StringComparison.Ordinal);
        Assert.Contains("1 day and 8 hours", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_time_is_said_by_what_it_means_for_each_field()
    {
        var page = (await NewStage("")).MustBe(400).Text;

        foreach (var meaning in (string[])["= until the browser is closed", "= nobody is asked", "= no browser is remembered"])
        {
            Assert.Contains(meaning, page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_fault_of_a_field_is_tied_to_it()
    {
        var taken = (await NewStage("default")).MustBe(400).Text;
        Assert.Matches("<input [^>]*id=\"name\"[^>]* aria-describedby=\"name-fault name-help\"", taken);
        Assert.Contains("<p class=\"fault\" id=\"name-fault\">", taken, StringComparison.Ordinal);
        Assert.DoesNotContain("name-fault", await Open("/admin/stages/new/"), StringComparison.Ordinal);

        var sessions = (await _host.Send("GET", "/admin/sessions/?asn=x", null, ("Cookie", _cookie), ("Accept", "text/html"))).MustBe(400).Text;
        Assert.Matches("<input [^>]*id=\"asn\"[^>]* aria-describedby=\"asn-fault\"", sessions);
        Assert.Contains("<p class=\"fault\" id=\"asn-fault\" role=\"alert\">", sessions, StringComparison.Ordinal);
        Assert.DoesNotContain("asn-fault", await Open("/admin/sessions/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_stores_no_null_character()
    {
        var page = (await NewStage("a%00b")).MustBe(400).Text;

        Assert.Contains("The character U+0000 is not allowed.", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.DoesNotContain(await _host.Grains.Catalog.List(), stage => stage.Name.Contains('\0', StringComparison.Ordinal));
    }

    private Task<Answer> NewStage(string name) => _host.Send(
        "POST", "/admin/stages/new/",
        $"name={name}&session_duration=seconds%3D0&remember_me_offset=seconds%3D0&remember_device=seconds%3D0&network_binding=no_binding&geoip_binding=no_binding",
        ("Cookie", _cookie), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded"));

    private async Task<string> Open(string path) => (await _host.Send("GET", path, null, ("Cookie", _cookie), ("Accept", "text/html"))).MustBe(200).Text;

    private Guid Add(SessionInfo session)
    {
        var entry = new EventInfo(Guid.NewGuid(), EventActions.Login, session.User, "1.2.3.4", session.Id, FakeGrains.Now, "{}");
        _host.Grains.Events.All.Insert(0, entry);
        return entry.Pk;
    }

    [GeneratedRegex("<th [^>]*aria-sort=\"(?<sorted>[a-z]+)\"[^>]*><a href=\"[^\"]+\">(?<text>[^<]+)</a>")]
    private static partial Regex SortedColumn();

    [GeneratedRegex("<span class=\"badge\"><bdi class=\"clip\">(?<text>[^<]+)</bdi> <a href=\"(?<url>[^\"]+)\" aria-label=\"Remove the filter")]
    private static partial Regex Filter();

    [GeneratedRegex("<a href=\"/admin/events/(?<pk>[0-9a-f-]{36})/\">")]
    private static partial Regex EventLink();

    [GeneratedRegex("class=\"row tight fresh\"")]
    private static partial Regex Fresh();
}
