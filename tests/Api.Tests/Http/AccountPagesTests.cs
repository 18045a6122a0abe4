using Microsoft.Extensions.Time.Testing;
using SessionCluster.Api.Flows;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

/// <summary>A person's own pages, where what they ask for fails in the middle.</summary>
public sealed class AccountPagesTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(-1, 200)]
    [InlineData(0, 404)]
    public async Task The_link_of_a_mail_serves_for_a_day_after_the_login(int microseconds, int status)
    {
        var time = new FakeTimeProvider(FakeGrains.Now.AddDays(1).AddMicroseconds(microseconds));
        await using var host = await ApiHost.StartUnder(time);
        var session = host.Grains.Add("42");
        var login = new EventInfo(Guid.NewGuid(), EventActions.Login, session.User, "1.2.3.4", session.Id, FakeGrains.Now, "{}");
        host.Grains.Events.All.Add(login);

        (await host.Send("GET", $"/account/not-me/?code={host.NotMe.Code(login.Pk)}", null, ("Anonymous", ""), ("Accept", "text/html"))).MustBe(status);
    }

    [Theory]
    [InlineData("jane", "Jane", "j@x", "<bdi>Jane</bdi> <small><bdi>j@x</bdi></small>", "jane")]
    [InlineData("", "Jane", "j@x", "<bdi>Jane</bdi> <small><bdi>j@x</bdi></small>", "Jane")]
    [InlineData("", "", "j@x", "<bdi>j@x</bdi> <small><bdi></bdi></small>", "j@x")]
    [InlineData("", "", "", "<bdi>42</bdi> <small><bdi></bdi></small>", "42")]
    public async Task A_page_names_the_person_by_what_is_known_of_them(string username, string name, string email, string who, string account)
    {
        var own = _host.Grains.Add("42");
        own = _host.Grains.Sessions[own.Id] = own with { User = new UserFacts(own.User.Id, username, email, name) };
        var other = _host.Grains.Add("42");
        _host.Grains.Sessions[other.Id] = other with { User = own.User };

        Assert.Contains(who, await Page("end-others"), StringComparison.Ordinal);
        Assert.Contains($"<dt>Account</dt><dd><bdi>{account}</bdi></dd>", await Page($"{other.Id}/not-me"), StringComparison.Ordinal);
        Assert.Equal(account, PersonModel.Of(own.User).Name);

        async Task<string> Page(string path) =>
            (await _host.Send("GET", $"/account/sessions/{path}/", null, ("Cookie", _host.CookieOf(own)), ("Accept", "text/html"))).MustBe(200).Text;
    }

    /// <summary>Of how a session ended a person is told what the server says of it, and no words of whoever asked with a key.</summary>
    [Theory]
    [InlineData(""" "Revoked by administrator" """, "ended by an operator", "Somebody who runs this service ended it.")]
    [InlineData(""" "taken over, case 4711", "standard_reason": "Revoked by administrator" """, "ended by an operator", "Somebody who runs this service ended it.")]
    [InlineData(""" "taken over, case 4711" """, "ended by an operator", "It was ended.")]
    [InlineData(""" "password changed, case 4711", "standard_reason": "Logged out" """, "signed out by you", "You signed out.")]
    public async Task A_person_is_told_of_an_ending_without_words_that_are_for_operators(string reason, string told, string toldOnceEnded)
    {
        await using var host = await ApiHost.StartUnder(new FakeTimeProvider(FakeGrains.Now.AddHours(1)));
        var (own, ended) = (host.Grains.Add("42"), host.Grains.Add("42"));
        host.Grains.Sessions.TryRemove(ended.Id, out _);
        host.Grains.Refused[ended.Id] = new ValidateResult(SessionStatus.Revoked, null, null);
        foreach (var (action, context) in new[] { (EventActions.Login, "{}"), (EventActions.Logout, $$"""{"actor": "key", "logout_reason": {{reason}}}""") })
        {
            host.Grains.Events.All.Add(new EventInfo(Guid.NewGuid(), action, own.User, "1.2.3.4", ended.Id, FakeGrains.Now, context));
        }

        var sessions = (await Page(own)).MustBe(200).Text;
        var gone = (await Page(ended)).MustBe(401).Text;

        Assert.Contains(told, sessions, StringComparison.Ordinal);
        Assert.Contains(toldOnceEnded, gone, StringComparison.Ordinal);
        Assert.DoesNotContain("case 4711", sessions + gone, StringComparison.Ordinal);

        Task<Answer> Page(SessionInfo session) => host.Send("GET", "/account/sessions/", null, ("Cookie", host.CookieOf(session)), ("Accept", "text/html"));
    }

    [Fact]
    public async Task The_cookie_goes_with_the_receipt_and_stays_where_nothing_is_known_to_have_ended()
    {
        var (own, other) = (_host.Grains.Add("42"), _host.Grains.Add("42"));
        _host.Grains.TellGate = Task.FromException(new TimeoutException("Nobody answers."));

        var failed = await NotMe();

        Assert.False(failed.MustBe(503).Headers.ContainsKey("Set-Cookie"));
        _host.Grains.TellGate = null;
        (own, other) = (_host.Grains.Add("42"), _host.Grains.Add("42"));
        Assert.StartsWith("sessioncluster_session=;", (await NotMe()).MustBe(200).Headers["Set-Cookie"], StringComparison.Ordinal);

        Task<Answer> NotMe() => _host.Send(
            "POST", $"/account/sessions/{other.Id}/not-me/", "", ("Cookie", _host.CookieOf(own)), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "text/html"));
    }

    /// <summary>The page has a list of the hundred sessions used last.</summary>
    [Fact]
    public async Task Of_more_sessions_than_are_listed_each_sign_in_is_looked_at_whether_it_is_live()
    {
        await using var host = await ApiHost.StartUnder(new FakeTimeProvider(FakeGrains.Now.AddHours(1)));
        var own = host.Grains.Add("42");
        for (var i = 0; i < 120; i++)
        {
            host.Grains.Add("42");
        }

        var beyond = host.Grains.Sessions.Values.Where(session => session.Id != own.Id).MaxBy(session => session.Id.Value)!;
        host.Grains.Events.All.AddRange([LoginOf(beyond, 5, isKnown: false), LoginOf(beyond with { Id = new SessionId(Guid.NewGuid()) }, 4), LoginOf(own, 3)]);

        var page = await Sessions(host, own);

        Assert.Contains($"<a class=\"btn danger\" href=\"/account/sessions/{beyond.Id}/not-me/\">", page, StringComparison.Ordinal);
        Assert.Equal((2, 1), (Count(page, ">Live</span>"), Count(page, ">Ended</span>")));
    }

    [Fact]
    public async Task After_a_change_of_username_the_sign_ins_under_the_old_one_are_there_and_warned_of()
    {
        await using var host = await ApiHost.StartUnder(new FakeTimeProvider(FakeGrains.Now.AddHours(1)));
        var (own, other) = (host.Grains.Add("42", "renamed"), host.Grains.Add("42", "jane"));
        host.Grains.Events.All.AddRange([LoginOf(own, 5, isKnown: false), LoginOf(other, 4, isKnown: false), LoginOf(other with { Id = new SessionId(Guid.NewGuid()) }, 3)]);

        var page = await Sessions(host, own);

        Assert.Contains($"<a class=\"btn danger\" href=\"/account/sessions/{other.Id}/not-me/\">", page, StringComparison.Ordinal);
        // Neither is the first sign-in of all, which is compared with nothing.
        Assert.Equal((2, 1, 2), (Count(page, ">Live</span>"), Count(page, ">Ended</span>"), Count(page[page.IndexOf("id=\"recent\"", StringComparison.Ordinal)..], "</svg>New device</span>")));
    }

    [Theory]
    [InlineData("/account/signout/", "/")]
    [InlineData("/account/sessions/end-others/", "/account/sessions/?done=others")]
    public async Task A_page_that_was_open_when_somebody_else_signed_in_there_changes_nothing_of_theirs(string path, string leadsTo)
    {
        var (first, _, own, other) = (_host.Grains.Add("42"), _host.Grains.Add("42"), _host.Grains.Add("43"), _host.Grains.Add("43"));
        var page = path.EndsWith("others/", StringComparison.Ordinal) ? path : "/account/sessions/";
        var forms = (await _host.Send("GET", page, null, ("Cookie", _host.CookieOf(first)), ("Accept", "text/html"))).MustBe(200).Text;
        Assert.Equal(2, Count(forms, $"<input type=\"hidden\" name=\"session\" value=\"{first.Id}\">"));

        foreach (var form in new[] { $"session={first.Id}", "", $"session={own.Id}&session={first.Id}" })
        {
            Assert.Contains("Somebody signed in in this browser", (await Post(form)).MustBe(409).Text, StringComparison.Ordinal);
        }

        Assert.Equal(4, _host.Grains.Sessions.Count);
        Assert.Equal(leadsTo, (await Post($"session={own.Id}")).MustBe(303).Headers["Location"]);
        Assert.Equal(path == page ? own : other, Assert.Single(_host.Grains.Sessions.Values, session => session.User.Id == own.User.Id));

        Task<Answer> Post(string form) => _host.Send(
            "POST", path, form, ("Cookie", _host.CookieOf(own)), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "text/html"));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1800, "<dt>Ends if not used</dt><dd>in 20 minutes after 30 minutes without use</dd>")]
    [InlineData(86_400, null)]
    public async Task Where_an_idle_limit_is_set_a_session_says_when_it_ends_if_it_is_not_used(int idleSeconds, string? words)
    {
        await using var host = await ApiHost.StartUnder(new FakeTimeProvider(FakeGrains.Now));
        var own = host.Grains.Add("42");
        host.Grains.Sessions[own.Id] = own with { IdleTimeout = TimeSpan.FromSeconds(idleSeconds), LastUsed = FakeGrains.Now.AddMinutes(-10), Expires = FakeGrains.Now.AddHours(9) };

        var page = System.Text.RegularExpressions.Regex.Replace(await Sessions(host, own), "</?(time|small)[^>]*>", "");

        Assert.Equal(words is not null, page.Contains("Ends if not used", StringComparison.Ordinal));
        Assert.Contains(words ?? "in 9 hours", page, StringComparison.Ordinal);
    }

    private static EventInfo LoginOf(SessionInfo session, int minute, bool isKnown = true) => new(
        Guid.NewGuid(), EventActions.Login, session.User, "1.2.3.4", session.Id, FakeGrains.Now.AddMinutes(minute),
        $$$"""{"auth_method_args":{"known_device":{{{(isKnown ? "true" : "false")}}}}}""");

    private static async Task<string> Sessions(ApiHost host, SessionInfo own) =>
        (await host.Send("GET", "/account/sessions/", null, ("Cookie", host.CookieOf(own)), ("Accept", "text/html"))).MustBe(200).Text;

    private static int Count(string page, string part) => page.Split(part).Length - 1;
}
