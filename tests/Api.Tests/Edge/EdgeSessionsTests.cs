using SessionCluster.Sessions;
using static SessionCluster.Api.Tests.Edge.EdgeBench;

namespace SessionCluster.Api.Tests.Edge;

public sealed class EdgeSessionsTests
{
    private readonly EdgeBench _bench = new();

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    public async Task While_the_share_holds_checks_from_the_same_address_ask_no_grain(long ticks, int questions)
    {
        await _bench.Check(Session());
        _bench.Time.Advance(Share + TimeSpan.FromTicks(ticks));

        Assert.Equal(SessionStatus.Active, await _bench.Check(Session()));

        Assert.Equal(questions, _bench.Asked.Count);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 2)]
    public async Task A_share_counts_from_before_the_question(long ticks, int questions)
    {
        _bench.Answering = () =>
        {
            _bench.Time.Advance(Share / 2);
            return Task.CompletedTask;
        };
        await _bench.Check(Session());
        _bench.Time.Advance((Share / 2) + TimeSpan.FromTicks(ticks));

        await _bench.Check(Session());

        Assert.Equal(questions, _bench.Asked.Count);
    }

    [Fact]
    public async Task An_answer_whose_share_is_over_when_it_arrives_is_not_kept()
    {
        _bench.Answering = () =>
        {
            _bench.Time.Advance(Share);
            return Task.CompletedTask;
        };

        Assert.Equal(SessionStatus.Active, await _bench.Check(Session()));

        Assert.Null(_bench.Edge.Find(Session(), Ip));
    }

    [Fact]
    public async Task An_answer_without_a_share_is_not_kept()
    {
        _bench.Answer = id => Active(id) with { Share = TimeSpan.Zero };
        await _bench.Check(Session());

        Assert.Null(_bench.Edge.Find(Session(), Ip));
    }

    [Fact]
    public async Task Another_address_and_another_session_are_for_the_grain()
    {
        await _bench.Check(Session());

        await _bench.Check(Session(), "198.51.100.1");
        await _bench.Check(Session(2));

        Assert.Equal([Ip, "198.51.100.1", Ip], _bench.Asked.Select(asked => asked.Client.Ip));
    }

    [Fact]
    public async Task Once_dropped_a_session_is_for_the_grain()
    {
        await _bench.Check(Session());
        await _bench.Edge.Drop(Session());
        _bench.Answer = _ => new ValidateResult(SessionStatus.Revoked, null, null);

        Assert.Equal(SessionStatus.Revoked, await _bench.Check(Session()));
    }

    [Fact]
    public async Task An_answer_that_was_on_its_way_when_the_session_was_dropped_is_not_kept()
    {
        var answer = new TaskCompletionSource();
        _bench.Answering = () => answer.Task;
        var checks = Enumerable.Range(0, 3).Select(_ => _bench.Check(Session())).ToArray();
        await _bench.Edge.Drop(Session());
        answer.SetResult();

        Assert.All(await Task.WhenAll(checks), status => Assert.Equal(SessionStatus.Active, status));
        Assert.Null(_bench.Edge.Find(Session(), Ip));
    }

    [Fact]
    public async Task A_question_that_is_sent_after_the_drop_is_kept_while_an_older_one_is_not()
    {
        var late = new TaskCompletionSource();
        _bench.Answering = () => late.Task;
        var older = _bench.Check(Session());
        await _bench.Edge.Drop(Session());
        _bench.Answering = () => Task.CompletedTask;
        await _bench.Check(Session(), "198.51.100.1");

        late.SetResult();
        await older;

        Assert.NotNull(_bench.Edge.Find(Session(), "198.51.100.1"));
        Assert.Null(_bench.Edge.Find(Session(), Ip));
    }

    [Fact]
    public async Task A_session_that_is_not_live_any_more_is_not_answered_for()
    {
        await _bench.Check(Session());
        _bench.Answer = _ => new ValidateResult(SessionStatus.Expired, null, null);
        await _bench.Check(Session(), "198.51.100.1");

        Assert.Null(_bench.Edge.Find(Session(), Ip));
    }

    [Fact]
    public async Task Every_question_names_this_process_and_where_it_is_told()
    {
        await _bench.Check(Session());
        await _bench.Check(Session(2));

        Assert.All(_bench.Asked, asked => Assert.Equal((new Guid(7, 0, 0, new byte[8]), _bench.Edge), (asked.Edge!.Id, asked.Edge.Edge)));
    }

    [Fact]
    public async Task A_process_that_holds_as_many_sessions_as_it_may_asks_for_others_without_a_share()
    {
        var full = new EdgeBench(most: 1);
        await full.Check(Session());
        await full.Check(Session(2));
        await full.Check(Session(2));

        Assert.Equal([false, true, true], full.Asked.Select(asked => asked.Edge is null));
        Assert.Equal(1, full.Edge.Count);
    }

    [Fact]
    public async Task Sessions_that_nobody_asks_for_are_let_go()
    {
        await _bench.Check(Session());
        await _bench.Check(Session(2));
        Assert.Equal(2, _bench.Edge.Count);

        _bench.Time.Advance(Share * 2);

        Assert.Equal(0, _bench.Edge.Count);
        Assert.Equal(SessionStatus.Active, await _bench.Check(Session()));
        Assert.Equal(1, _bench.Edge.Count);
    }

    [Fact]
    public async Task A_check_during_which_the_membership_changed_asks_once_more_and_no_oftener()
    {
        var refusals = 1;
        _bench.Answering = () => refusals-- > 0 ? throw new AskAgainException() : Task.CompletedTask;
        Assert.Equal(SessionStatus.Active, await _bench.Check(Session()));
        Assert.Equal(2, _bench.Asked.Count);

        refusals = 2;
        await Assert.ThrowsAsync<AskAgainException>(() => _bench.Check(Session(2)));
        Assert.Equal(4, _bench.Asked.Count);
    }

    [Fact]
    public async Task A_question_that_failed_leaves_nothing()
    {
        _bench.Answering = () => throw new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => _bench.Check(Session()));
        _bench.Time.Advance(Share);

        Assert.Equal(0, _bench.Edge.Count);
    }

    [Fact]
    public async Task Checks_and_drops_at_the_same_time_keep_no_answer_past_a_drop()
    {
        for (var round = 0; round < 200; round++)
        {
            using var start = new Barrier(3);
            var checks = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            {
                start.SignalAndWait();
                await _bench.Ask(Session());
            })).ToArray();
            start.SignalAndWait();
            await _bench.Edge.Drop(Session());
            await Task.WhenAll(checks);
            await _bench.Edge.Drop(Session());
            Assert.Null(_bench.Edge.Find(Session(), Ip));
        }
    }
}
