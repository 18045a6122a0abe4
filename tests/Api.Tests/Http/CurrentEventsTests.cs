using Microsoft.Extensions.Time.Testing;
using SessionCluster.Api.Sessions;
using SessionCluster.Events;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Http;

/// <summary>The stream by which an open tab hears that its own session has ended, under a clock of the test's own.</summary>
public sealed class CurrentEventsTests : IAsyncLifetime
{
    private const string Stream = "/api/v3/sessions/current/events/";

    private readonly FakeTimeProvider _time = new(FakeGrains.Now);

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartUnder(_time);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_tab_is_told_the_reason_once_and_the_stream_closes()
    {
        var (session, other) = (_host.Grains.Add("42"), _host.Grains.Add("43"));
        using var tab = await Open(session);
        using var others = await Open(other);
        Assert.Equal(("text/event-stream", "no-store"), (tab.ContentType, tab.CacheControl));

        End(session);

        Assert.Equal("event: ended", await NextEvent(tab));
        Assert.Equal("data: {\"reason\":\"revoked\"}", await tab.NextLine());
        Assert.Null(await tab.NextLine());
        var next = others.NextLine();
        await Pass(TimeSpan.FromSeconds(10));
        Assert.False(next.IsCompleted);
    }

    [Fact]
    public async Task An_ending_is_told_when_it_is_so_everywhere_and_not_before()
    {
        var session = _host.Grains.Add("42");
        using var tab = await Open(session);
        Append(EventActions.Logout, session);

        // A lease holds for some seconds more.
        await Pass(TimeSpan.FromSeconds(5));
        _host.Grains.Refused[session.Id] = new ValidateResult(SessionStatus.UserInactive, null, null);
        _host.Grains.Sessions.TryRemove(session.Id, out _);

        Assert.Equal("event: ended", await NextEvent(tab));
        Assert.Equal("data: {\"reason\":\"user_inactive\"}", await tab.NextLine());
    }

    [Fact]
    public async Task A_tab_is_told_after_everybody_else_was()
    {
        var session = _host.Grains.Add("42");
        var told = new TaskCompletionSource();
        using var tab = await Open(session);
        _host.Grains.TellGate = told.Task;
        End(session);

        var next = NextEvent(tab);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.False(next.IsCompleted);
        told.SetResult();

        Assert.Equal("event: ended", await next);
    }

    [Fact]
    public async Task An_ending_between_the_check_and_the_beginning_of_the_wait_is_told_at_once()
    {
        var session = _host.Grains.Add("42");
        _host.Grains.Events.BeforeEnd = () => End(session);

        using var tab = await Open(session);

        // A word first: the ending may take a while to be so everywhere.
        Assert.Equal(": alive", await tab.NextLine());
        Assert.Equal("event: ended", await NextEvent(tab));
    }

    [Fact]
    public async Task A_session_that_is_over_by_the_clock_is_told_without_an_event()
    {
        var session = _host.Grains.Add("42") with { Expires = FakeGrains.Now.AddSeconds(20) };
        _host.Grains.Sessions[session.Id] = session;
        using var tab = await Open(session);

        await Pass(TimeSpan.FromSeconds(18));
        Assert.Equal(": alive", await tab.NextLine());
        _host.Grains.Refused[session.Id] = new ValidateResult(SessionStatus.Expired, null, null);
        _host.Grains.Sessions.TryRemove(session.Id, out _);

        Assert.Equal("event: ended", await NextEvent(tab));
        Assert.Equal("data: {\"reason\":\"expired\"}", await tab.NextLine());
    }

    [Fact]
    public async Task A_silent_tab_hears_every_15_seconds_that_it_waits_and_that_is_no_use_of_the_session()
    {
        var session = _host.Grains.Add("42");
        using var tab = await Open(session);
        await Poll.Until(() => Task.FromResult(_host.Grains.Calls.OfType<Described>().Any()));
        var uses = _host.Grains.Calls.OfType<Validated>().Count();
        for (var i = 0; i < 3; i++)
        {
            var next = tab.NextLine();
            await Pass(TimeSpan.FromSeconds(14.8));
            Assert.False(next.IsCompleted);
            // Its pause begins a moment after its last word.
            for (var step = 0; step < 100 && !next.IsCompleted; step++)
            {
                await Pass(TimeSpan.FromSeconds(0.1));
            }

            Assert.Equal(": alive", await next);
        }

        Assert.Equal(uses, _host.Grains.Calls.OfType<Validated>().Count());
        // When it began, and once more when an ending from before must be over.
        Assert.Equal(2, _host.Grains.Calls.OfType<Described>().Count());
    }

    [Fact]
    public async Task An_ending_from_just_before_that_a_lease_hid_is_told_half_a_minute_later()
    {
        var session = _host.Grains.Add("42");
        Append(EventActions.Logout, session);
        using var tab = await Open(session);
        await Poll.Until(() => Task.FromResult(_host.Grains.Calls.OfType<Described>().Any()));
        _host.Grains.Refused[session.Id] = new ValidateResult(SessionStatus.Revoked, null, null);
        _host.Grains.Sessions.TryRemove(session.Id, out _);

        await Pass(TimeSpan.FromSeconds(31));

        Assert.Equal("event: ended", await NextEvent(tab));
    }

    [Fact]
    public async Task However_many_tabs_wait_the_log_is_read_once_for_all_and_not_at_all_when_they_are_gone()
    {
        var tabs = new List<StreamReading>();
        for (var i = 0; i < 10; i++)
        {
            tabs.Add(await Open(_host.Grains.Add($"{i}")));
        }

        var before = _host.Grains.Events.Reads;
        await Pass(TimeSpan.FromSeconds(5));
        Assert.True(_host.Grains.Events.Reads - before <= 21);
        await Poll.Until(async () =>
        {
            await Pass(TimeSpan.FromSeconds(1));
            return _host.Grains.Events.Reads - before >= 2;
        });

        tabs.ForEach(tab => tab.Dispose());
        await Poll.Until(async () =>
        {
            var reads = _host.Grains.Events.Reads;
            await Pass(TimeSpan.FromSeconds(1));
            return _host.Grains.Events.Reads == reads;
        });
        before = _host.Grains.Events.Reads;
        using var late = await Open(_host.Grains.Add("late"));
        await Pass(TimeSpan.FromSeconds(1));
        Assert.True(_host.Grains.Events.Reads > before);
    }

    [Fact]
    public async Task Only_a_person_with_a_live_session_listens()
    {
        var ended = _host.Grains.Add("42");
        End(ended);

        (await _host.Send("GET", Stream, null, ("Anonymous", ""))).MustBe(401, "unauthenticated");
        (await _host.Send("GET", Stream)).MustBe(401, "unauthenticated");
        Assert.Equal("revoked", (string?)(await _host.Send("GET", Stream, null, ("Cookie", _host.CookieOf(ended)))).MustBe(401, "unauthenticated").Json["reason"]);
    }

    [Fact]
    public async Task A_stream_ends_whole_and_without_an_event_when_the_server_stops()
    {
        using var tab = await Open(_host.Grains.Add("42"));

        await _host.Stop();

        Assert.True(await tab.IsOver());
    }

    [Fact]
    public async Task A_log_that_begins_anew_has_each_tab_ask_a_few_times_and_then_wait_on()
    {
        var session = _host.Grains.Add("42");
        using var tab = await Open(session);
        Append(EventActions.Login, _host.Grains.Add("43"));
        _host.Grains.Events.Pruned = 1;

        await Pass(TimeSpan.FromMinutes(3));

        // Once at the beginning; then with growing pauses for as long as an ending may take.
        Assert.InRange(_host.Grains.Calls.OfType<Described>().Count(call => call.Session == session.Id), 3, 15);
        End(session);
        Assert.Equal("event: ended", await NextEvent(tab));
    }

    [Fact]
    public async Task One_session_takes_twenty_places_and_no_more_and_a_place_is_free_when_a_tab_goes()
    {
        var (busy, other) = (_host.Grains.Add("42"), _host.Grains.Add("43"));
        var tabs = new List<StreamReading>();
        for (var i = 0; i < EndingWatch.MaxOfSession; i++)
        {
            tabs.Add(await Open(busy));
        }

        var refused = (await _host.Send("GET", Stream, null, ("Authorization", _host.SchemeOf(busy)))).MustBe(503, "too-many-readers");
        Assert.Equal("15", refused.Headers["Retry-After"]);
        (await Open(other)).Dispose();

        tabs[0].Dispose();
        StreamReading? next = null;
        await Poll.Until(async () => (next = await StreamReading.TryOpenOwn(_host.Url, _host.Tokens.Issue(busy.Id))) is not null);
        tabs.Add(next!);
        tabs.ForEach(tab => tab.Dispose());
    }

    [Fact]
    public async Task A_process_has_so_many_places_in_all()
    {
        var watch = new EndingWatch(MadeUpGrains.Factory(_host.Grains.Find), _time);
        EndingWatch.Waiting? last = null;
        for (var i = 0; i < EndingWatch.MaxWaiting; i++)
        {
            last = await watch.Begin(new SessionId(Guid.NewGuid()));
        }

        Assert.Null(await watch.Begin(new SessionId(Guid.NewGuid())));
        last!.Dispose();
        Assert.NotNull(await watch.Begin(new SessionId(Guid.NewGuid())));
    }

    private async Task<StreamReading> Open(SessionInfo session)
    {
        var tab = await StreamReading.TryOpenOwn(_host.Url, _host.Tokens.Issue(session.Id));
        Assert.Equal(": waiting", await tab!.NextLine());
        return tab;
    }

    /// <summary>Ends a session as its user's grain does: in the log, and for whoever asks.</summary>
    private void End(SessionInfo session)
    {
        _host.Grains.Refused[session.Id] = new ValidateResult(SessionStatus.Revoked, null, null);
        _host.Grains.Sessions.TryRemove(session.Id, out _);
        Append(EventActions.Logout, session);
    }

    private void Append(string action, SessionInfo session)
    {
        lock (_host.Grains.Events.All)
        {
            _host.Grains.Events.All.Add(new EventInfo(Guid.NewGuid(), action, session.User, "1.2.3.4", session.Id, FakeGrains.Now, "{}"));
        }
    }

    private async Task Pass(TimeSpan length)
    {
        for (var passed = TimeSpan.Zero; passed < length; passed += TimeSpan.FromMilliseconds(100))
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1);
        }
    }

    /// <summary>The next line that is no comment, for which time passes.</summary>
    private async Task<string?> NextEvent(StreamReading tab)
    {
        string? line;
        do
        {
            var next = tab.NextLine();
            while (!next.IsCompleted)
            {
                await Pass(TimeSpan.FromMilliseconds(100));
            }

            line = await next;
        }
        while (line is [':', ..]);
        return line;
    }
}
