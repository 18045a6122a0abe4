using Microsoft.Extensions.Time.Testing;
using SessionCluster.Api.Events;
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
