using System.Collections.Immutable;
using SessionCluster.Alerts;
using SessionCluster.Events;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

/// <summary>The bell, and the page of a person's notifications.</summary>
public sealed class NotificationPageTests : IAsyncLifetime
{
    private const string Page = "/account/notifications/";

    private const string Hostile = "<img src=x onerror=alert(1)>\"'&\u202e<script>";

    private static readonly (string, string)[] Headers =
        [("Accept", "text/html"), ("Sec-Fetch-Site", "same-origin"), ("Content-Type", "application/x-www-form-urlencoded")];

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_bell_counts_what_is_not_seen_and_a_click_marks_one_or_all_of_the_own_ones()
    {
        var (own, foreign) = (Of("42"), Of("43"));
        var first = own.New("first happened");
        own.New("second happened");
        foreign.New("not yours");

        Assert.Contains("2<span class=\"hidden\"> not seen", (await Get("/account/sessions/")).MustBe(200).Text, StringComparison.Ordinal);
        var list = (await Get(Page)).MustBe(200).Text;
        Assert.True(list.IndexOf("second happened", StringComparison.Ordinal) < list.IndexOf("first happened", StringComparison.Ordinal));
        Assert.DoesNotContain("not yours", list, StringComparison.Ordinal);
        Assert.Equal(2, own.All.Count(notification => !notification.Seen));

        Assert.Equal(Page, (await Post($"{Page}{first}/seen/")).MustBe(303).Headers["Location"]);
        Assert.Equal([false, true], own.All.Select(notification => notification.Seen));
        (await Post($"{Page}{foreign.All[0].Pk}/seen/")).MustBe(303);
        (await Post(Page + "nonsense/seen/")).MustBe(303);
        (await Post(Page + "seen/")).MustBe(303);

        Assert.All(own.All, notification => Assert.True(notification.Seen));
        Assert.False(foreign.All[0].Seen);
        Assert.DoesNotContain("not seen</span>", (await Get("/account/sessions/")).MustBe(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Mark", (await Get(Page)).MustBe(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_notification_says_is_text()
    {
        Of("42").New(Hostile);

        var page = (await Get(Page)).MustBe(200);

        Assert.Contains("&lt;script&gt;", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<img src=x", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", page.Text, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'self';", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal("no-store", page.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task Nobody_sees_or_marks_any_without_a_session_of_their_own()
    {
        var notification = Of("42").New("yours");

        Assert.Contains("Sign in first", (await _host.Send("GET", Page, null, ("Anonymous", ""), Headers[0])).MustBe(401).Text, StringComparison.Ordinal);
        foreach (var path in new[] { Page + "seen/", $"{Page}{notification}/seen/" })
        {
            Assert.Contains("Sign in first", (await _host.Send("POST", path, "", [("Anonymous", ""), .. Headers])).MustBe(401).Text, StringComparison.Ordinal);
        }

        Assert.False(Of("42").All[0].Seen);
    }

    [Theory]
    [InlineData(EventActions.Logout, true, false)]
    [InlineData(EventActions.ModelUpdated, true, false)]
    [InlineData(EventActions.Logout, false, true)]
    [InlineData(EventActions.Login, true, true)]
    public async Task A_person_reads_what_an_operator_did_to_them_and_not_from_where(string action, bool hasActor, bool isTold)
    {
        var own = _host.Grains.Add("42");
        var context = $$$"""
            {{{{(hasActor ? "\"actor\":\"key-of-an-operator\"," : "")}}}"asn":{"asn":64500},"geo":{"city":"Tokyo"},"http_request":{"user_agent":"agent-of-an-operator"},"logout_reason":"lost \u00fc","diff":{},"session_uuid":"x"}
            """;
        var entry = new EventInfo(Guid.NewGuid(), action, own.User, "198.51.100.9", own.Id, FakeGrains.Now, context);
        _host.Grains.Events.All.Add(entry);
        var pk = Of("42").New("happened", entry.Pk);
        const string Path = "/api/v3/events/notifications/";

        foreach (var answer in new[] { await Get(Path), await Get($"{Path}{pk}/"), await _host.Send("PATCH", $"{Path}{pk}/", """{"seen":true}""", Cookie(), Headers[1]) })
        {
            var text = answer.MustBe(200).Text;
            Assert.Contains("logout_reason", text, StringComparison.Ordinal);
            Assert.Contains("\"session_uuid\":\"x\"", text, StringComparison.Ordinal);
            Assert.Contains(isTold ? "\"client_ip\":\"198.51.100.9\"" : "\"client_ip\":null", text, StringComparison.Ordinal);
            Assert.All(["agent-of-an-operator", "64500", "Tokyo"], part => Assert.Equal(isTold, text.Contains(part, StringComparison.Ordinal)));
            Assert.Equal(isTold && hasActor, text.Contains("key-of-an-operator", StringComparison.Ordinal));
            Assert.Equal(isTold, text.Contains("lost ", StringComparison.Ordinal));
        }
    }

    /// <summary>A front end asks with its key, too: where a login came from that ended the others is what the user has to know.</summary>
    [Theory]
    [InlineData("Terminated by another login", true)]
    [InlineData("Revoked by administrator", false)]
    [InlineData("Logged out", true, "Password changed")]
    [InlineData("Revoked by administrator", false, "taken over, case 4711")]
    public async Task A_person_reads_from_where_another_login_ended_their_session_and_no_words_of_a_key(string reason, bool isTold, string? words = null)
    {
        var own = _host.Grains.Add("42");
        var context = $$"""{"actor":"key-of-a-front-end","asn":{"asn":64500},"logout_reason":"{{words ?? reason}}"{{(words is null ? "" : $", \"standard_reason\": \"{reason}\"")}}}""";
        var entry = new EventInfo(Guid.NewGuid(), EventActions.Logout, own.User, "198.51.100.9", own.Id, FakeGrains.Now, context);
        _host.Grains.Events.All.Add(entry);
        Of("42").New("happened", entry.Pk);

        var text = (await Get("/api/v3/events/notifications/")).MustBe(200).Text;

        Assert.DoesNotContain("key-of-a-front-end", text, StringComparison.Ordinal);
        Assert.Contains($"\"logout_reason\":\"{reason}\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("standard_reason", text, StringComparison.Ordinal);
        Assert.All(["198.51.100.9", "64500"], part => Assert.Equal(isTold, text.Contains(part, StringComparison.Ordinal)));
    }

    private FakeNotifications Of(string user) => (FakeNotifications)_host.Grains.Find(typeof(INotificationGrain), INotificationGrain.KeyFor(new UserId(user)));

    private Task<Answer> Get(string path) => _host.Send("GET", path, null, [Cookie(), .. Headers[..1]]);

    private Task<Answer> Post(string path) => _host.Send("POST", path, "", [Cookie(), .. Headers]);

    private (string, string) Cookie() => ("Cookie", _host.CookieOf(_host.Grains.Sessions.Values.FirstOrDefault() ?? _host.Grains.Add("42")));
}

/// <summary>The notifications of one user.</summary>
internal sealed class FakeNotifications : INotificationGrain
{
    public ImmutableArray<NotificationInfo> All { get; private set; } = [];

    public Guid New(string body, Guid? entry = null)
    {
        var pk = Guid.NewGuid();
        All = All.Insert(0, new NotificationInfo(pk, AlertSeverity.Warning, body, FakeGrains.Now, entry ?? Guid.NewGuid(), Seen: false));
        return pk;
    }

    public Task<ImmutableArray<NotificationInfo>> List() => Task.FromResult(All);

    public Task Add(NotificationInfo notification) => throw new NotSupportedException();

    public Task Mark(Guid? pk, bool seen)
    {
        All = [.. All.Select(notification => pk is null || notification.Pk == pk ? notification with { Seen = seen } : notification)];
        return Task.CompletedTask;
    }

    public Task Remove(Guid pk) => throw new NotSupportedException();
}
