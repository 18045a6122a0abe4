using Microsoft.Extensions.Time.Testing;
using SessionCluster.Api.Edge;
using SessionCluster.Api.Tests.Http;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Edge;

/// <summary>What an edge answers by itself, and when it has to ask: docs/correctness.md, rules of the edge.</summary>
public sealed class EdgeSessionsTests : IDisposable
{
    private const string Home = "1.2.3.4";

    private static readonly TimeSpan Share = MadeUpSession.Share;

    private static readonly Guid Id = Guid.NewGuid();

    private readonly FakeTimeProvider _time = new(FakeGrains.Now);

    private readonly MadeUpSession _grain = new();

    private readonly SessionId _session;

    private EdgeSessions _edge;

    public EdgeSessionsTests()
    {
        _session = _grain.Session.Id;
        _edge = Edge(10);
    }

    public void Dispose() => _edge.Dispose();

    [Fact]
    public async Task A_check_is_answered_from_memory_while_the_share_holds()
    {
        Assert.Null(_edge.Find(_session, Home, out _));

        var asked = await Ask(Home);
        _time.Advance(Share - TimeSpan.FromTicks(1));

        Assert.Same(asked.Ready, _edge.Find(_session, Home, out _));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(_edge.Find(_session, Home, out _));
    }

    [Fact]
    public async Task A_share_counts_from_before_the_grain_was_asked()
    {
        _grain.Answer = () =>
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            return _grain.Live(Share);
        };
        await Ask(Home);

        _time.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromTicks(1));
        Assert.NotNull(_edge.Find(_session, Home, out _));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(_edge.Find(_session, Home, out _));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(-1)]
    public async Task A_wall_clock_that_is_set_ends_a_share(int seconds)
    {
        var time = new SetClock();
        using var edge = new EdgeSessions(Grains(), time, 10, Id);
        await edge.Ask(_session, Client(Home), Make);
        Assert.NotNull(edge.Find(_session, Home, out _));

        time.Wall += TimeSpan.FromSeconds(seconds);

        Assert.Null(edge.Find(_session, Home, out _));
    }

    [Fact]
    public async Task A_machine_that_slept_ends_a_share()
    {
        var time = new SetClock();
        using var edge = new EdgeSessions(Grains(), time, 10, Id);
        await edge.Ask(_session, Client(Home), Make);

        time.Monotonic += Share;

        Assert.Null(edge.Find(_session, Home, out _));
    }

    [Fact]
    public async Task Another_address_asks_and_is_then_the_known_one()
    {
        await Ask(Home);
        Assert.Null(_edge.Find(_session, "5.6.7.8", out _));

        await Ask("5.6.7.8");

        Assert.NotNull(_edge.Find(_session, "5.6.7.8", out _));
        Assert.Null(_edge.Find(_session, Home, out _));
    }

    [Fact]
    public async Task An_answer_without_a_share_is_not_kept()
    {
        _grain.Answer = () => _grain.Live(TimeSpan.Zero);

        Assert.NotNull((await Ask(Home)).Ready);

        Assert.Null(_edge.Find(_session, Home, out _));
    }

    [Fact]
    public async Task A_session_that_is_not_live_leaves_nothing_behind()
    {
        await Ask(Home);
        _grain.Answer = () => new ValidateResult(SessionStatus.BindingBroken, null, null);

        Assert.Null((await Ask("5.6.7.8")).Ready);

        Assert.Null(_edge.Find(_session, Home, out _));
    }

    [Fact]
    public async Task A_share_that_is_taken_back_is_gone_and_tells_of_its_last_use()
    {
        await Ask(Home);
        _time.Advance(TimeSpan.FromSeconds(2));
        _edge.Find(_session, Home, out _);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(FakeGrains.Now.AddSeconds(2), await _edge.Drop(_session));

        Assert.Null(_edge.Find(_session, Home, out _));
        Assert.Null(await _edge.Drop(_session));
        Assert.Null(await _edge.Drop(new SessionId(Guid.NewGuid())));
    }

    [Fact]
    public async Task An_answer_that_was_on_its_way_when_the_share_was_taken_back_is_not_kept()
    {
        var hold = new TaskCompletionSource();
        _grain.Before = hold.Task;
        var asking = Ask(Home);

        await _edge.Drop(_session);
        hold.SetResult();

        Assert.NotNull((await asking).Ready);
        Assert.Null(_edge.Find(_session, Home, out _));
    }

    [Fact]
    public async Task An_answer_from_before_the_taking_back_is_not_kept_after_a_later_one()
    {
        var hold = new TaskCompletionSource();
        _grain.Before = hold.Task;
        var early = Ask(Home);
        await _edge.Drop(_session);
        _grain.Before = Task.CompletedTask;
        var late = await Ask(Home);
        Assert.Same(late.Ready, _edge.Find(_session, Home, out _));

        hold.SetResult();
        await early;

        Assert.Same(late.Ready, _edge.Find(_session, Home, out _));
    }

    [Fact]
    public async Task The_grain_learns_who_asks_and_when_the_session_was_last_used()
    {
        await Ask(Home);
        Assert.Equal((Id, (IEdge)_edge, (DateTimeOffset?)null), Told());
        _time.Advance(TimeSpan.FromSeconds(3));
        _edge.Find(_session, Home, out _);
        await Ask("5.6.7.8");
        Assert.Equal((Id, (IEdge)_edge, (DateTimeOffset?)null), Told());
        await Ask(Home);
        _edge.Find(_session, Home, out _);
        // The share is over at second 11, and let go by the sweep of second 15; that of second 10 must not find it over already.
        _time.Advance(TimeSpan.FromSeconds(7));
        _time.Advance(TimeSpan.FromSeconds(1));

        await Ask(Home);

        Assert.Equal((Id, _edge, FakeGrains.Now.AddSeconds(3)), Told());

        (Guid, IEdge, DateTimeOffset?) Told() => (_grain.Last!.Edge!.Id, _grain.Last.Edge.Edge, _grain.Last.Edge.LastUsed);
    }

    [Fact]
    public async Task More_sessions_than_may_be_held_are_asked_for_each_time()
    {
        _edge.Dispose();
        _edge = Edge(1);
        await Ask(Home);
        var other = new SessionId(Guid.NewGuid());

        Assert.NotNull((await _edge.Ask(other, Client(Home), Make)).Ready);

        Assert.Null(_grain.Last!.Edge);
        Assert.Null(_edge.Find(other, Home, out _));
        Assert.NotNull(_edge.Find(_session, Home, out _));
        Assert.Equal(1, _edge.Count);
    }

    [Fact]
    public async Task Sessions_that_nobody_asks_for_are_let_go()
    {
        _edge.Dispose();
        _edge = Edge(1);
        await Ask(Home);

        _time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal(0, _edge.Count);
        await _edge.Ask(new SessionId(Guid.NewGuid()), Client(Home), Make);
        Assert.Equal(1, _edge.Count);
    }

    [Fact]
    public async Task A_share_that_could_not_be_taken_back_is_asked_for_again_twice()
    {
        var refusals = 2;
        _grain.Answer = () => refusals-- > 0 ? throw new AskAgainException() : _grain.Live(Share);
        Assert.NotNull((await Ask(Home)).Ready);

        refusals = 3;
        await Assert.ThrowsAsync<AskAgainException>(() => Ask(Home));
    }

    private static ClientFacts Client(string ip) => new(ip, "curl/8.0", "GET", "/", "", "example");

    private static ReadyAnswers Make(SessionInfo session, ReadyAnswers? before) => new(default);

    private Task<EdgeCheck> Ask(string ip) => _edge.Ask(_session, Client(ip), Make);

    private EdgeSessions Edge(int most) => new(Grains(), _time, most, Id);

    private IGrainFactory Grains() => MadeUpGrains.Factory((_, _) => _grain);

    /// <summary>Two clocks that each move as a test says.</summary>
    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Wall { get; set; } = FakeGrains.Now;

        public TimeSpan Monotonic { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => Monotonic.Ticks;
    }
}
