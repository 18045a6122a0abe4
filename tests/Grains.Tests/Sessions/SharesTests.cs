using SessionCluster.Sessions;
using static SessionCluster.Grains.Tests.Sessions.SessionBench;

namespace SessionCluster.Grains.Tests.Sessions;

/// <summary>What a session's grain hands out to edges, and how it takes that back.</summary>
public sealed class SharesTests
{
    private readonly SessionBench _bench = new();

    private readonly FakeEdge _edge = new(1);

    [Fact]
    public async Task A_share_is_what_is_left_of_the_lease()
    {
        var grain = await _bench.Activate();
        Assert.Equal(LeaseLength, (await Ask(grain)).Share);
        _bench.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TimeSpan.FromSeconds(3), (await Ask(grain)).Share);
    }

    [Fact]
    public async Task Who_asks_early_gets_a_new_lease_where_half_of_the_old_one_is_over()
    {
        var grain = await _bench.Activate();
        await Ask(grain);
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(3), (await Ask(grain, isEarly: true)).Share);
        _bench.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(LeaseLength, (await Ask(grain, isEarly: true)).Share);
        Assert.Equal(2, _bench.User.Confirms.Count);
    }

    /// <summary>While a process stops, its observers are not reached any more.</summary>
    [Fact]
    public async Task The_edge_of_the_same_process_is_called_as_an_object()
    {
        var reference = new FakeEdge(1) { Dropping = () => throw new InvalidOperationException("Observers are gone.") };
        _bench.OwnEdge = new OwnEdge(_edge.Question.Id, _edge);
        var grain = await _bench.Activate();
        await grain.Validate(new ValidateCommand(new ClientFacts(Berlin, "Firefox", "GET", "/", "{}", ""), reference.Question));

        await grain.Ended();

        Assert.Equal((1, 0), (_edge.Drops, reference.Drops));
    }

    [Fact]
    public async Task A_share_ends_with_the_session()
    {
        var grain = await _bench.Activate();
        _bench.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(2));

        Assert.Equal(TimeSpan.FromSeconds(2), (await Ask(grain)).Share);
    }

    [Fact]
    public async Task A_share_ends_with_the_idle_time_of_the_use_that_it_was_given_for()
    {
        _bench.Store(row => row with { IdleMicros = 1_000_000 });

        Assert.Equal(TimeSpan.FromSeconds(1), (await Ask(await _bench.Activate())).Share);
    }

    [Fact]
    public async Task Who_names_no_edge_gets_no_share() =>
        Assert.Equal(TimeSpan.Zero, (await (await _bench.Activate()).Validate()).Share);

    [Fact]
    public async Task An_ended_session_is_dropped_by_every_edge_before_that_is_acknowledged()
    {
        var other = new FakeEdge(2);
        var grain = await _bench.Activate();
        await Ask(grain);
        await Ask(grain, other);
        var acknowledged = new TaskCompletionSource();
        other.Dropping = () => acknowledged.Task;

        var told = grain.IsTold();

        Assert.Equal((1, 1), (_edge.Drops, other.Drops));
        await Task.Yield();
        Assert.False(told.IsCompleted);
        acknowledged.SetResult();
        await told;
    }

    [Fact]
    public async Task A_second_telling_waits_like_the_first()
    {
        var grain = await _bench.Activate();
        await Ask(grain);
        var acknowledged = new TaskCompletionSource();
        _edge.Dropping = () => acknowledged.Task;
        var first = grain.IsTold();

        var second = grain.IsTold();

        await Task.Yield();
        Assert.False(second.IsCompleted);
        acknowledged.SetResult();
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task An_edge_that_fails_is_waited_out_for_its_share_and_a_hundredth()
    {
        var grain = await _bench.Activate();
        await Ask(grain);
        _edge.Dropping = () => Task.FromException(new TimeoutException());

        await AssertEndsAt(grain.IsTold(), LeaseLength * 1.01);
    }

    [Fact]
    public async Task An_edge_that_never_answers_is_waited_out_for_its_share_and_a_hundredth()
    {
        var grain = await _bench.Activate();
        await Ask(grain);
        _edge.Dropping = () => new TaskCompletionSource().Task;

        await AssertEndsAt(grain.IsTold(), LeaseLength * 1.01);
    }

    [Fact]
    public async Task Shares_are_counted_by_the_monotonic_clock_alone()
    {
        var grain = await _bench.Activate();
        await Ask(grain);
        _bench.Time.SetWallClock(TimeSpan.FromMinutes(1));
        _edge.Dropping = () => new TaskCompletionSource().Task;

        await AssertEndsAt(grain.IsTold(), LeaseLength * 1.01);
    }

    [Fact]
    public async Task A_share_that_is_over_is_not_sent_for()
    {
        var grain = await _bench.Activate();
        await Ask(grain);
        _bench.Time.Advance(LeaseLength * 1.01);

        await grain.IsTold();

        Assert.Equal(0, _edge.Drops);
    }

    [Fact]
    public async Task A_late_acknowledgement_counts_for_no_share_that_was_granted_after_it_was_asked_for()
    {
        var grain = await _bench.Activate();
        await Ask(grain);
        var late = new TaskCompletionSource();
        _edge.Dropping = () => late.Task;
        var setting = grain.SetData("{}");
        await Ask(grain);
        late.SetResult();
        Assert.True(await setting);
        _edge.Dropping = () => Task.CompletedTask;

        await grain.IsTold();

        Assert.Equal(2, _edge.Drops);
    }

    [Fact]
    public async Task New_data_is_answered_once_no_edge_answers_with_the_old()
    {
        var grain = await _bench.Activate();
        await Ask(grain);
        var acknowledged = new TaskCompletionSource();
        _edge.Dropping = () => acknowledged.Task;

        var setting = grain.SetData("{}");

        await Task.Yield();
        Assert.False(setting.IsCompleted);
        acknowledged.SetResult();
        Assert.True(await setting);
    }

    [Fact]
    public async Task Data_that_is_set_once_more_is_sent_to_the_edges_once_more()
    {
        var grain = await _bench.Activate();
        await grain.SetData("{}");
        await Ask(grain);

        Assert.True(await grain.SetData("{}"));

        Assert.Equal(1, _edge.Drops);
    }

    [Fact]
    public async Task A_grain_that_leaves_the_memory_takes_its_shares_back_first()
    {
        var grain = await _bench.Activate();
        await Ask(grain);
        _bench.Row.Writes.Enqueue(() =>
        {
            Assert.Equal(1, _edge.Drops);
            return Task.CompletedTask;
        });
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        await grain.Check();

        await grain.OnDeactivateAsync(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "idle"), CancellationToken.None);

        Assert.Empty(_bench.Row.Writes);
    }

    [Fact]
    public async Task A_told_session_hands_out_nothing_whatever_question_was_on_its_way()
    {
        var answer = new TaskCompletionSource();
        _bench.User.Confirming = () => answer.Task;
        var grain = await _bench.Activate();
        var asked = Ask(grain);
        await grain.IsTold();
        answer.SetResult();

        Assert.Equal((SessionStatus.Unknown, TimeSpan.Zero), ((await asked).Status, (await asked).Share));
    }

    [Fact]
    public async Task A_check_during_which_the_membership_changed_has_to_be_asked_once_more()
    {
        _bench.User.Confirming = () =>
        {
            _bench.Membership.KnownVersion++;
            return Task.CompletedTask;
        };
        var grain = await _bench.Activate();

        await Assert.ThrowsAsync<AskAgainException>(() => Ask(grain));

        _bench.User.Confirming = () => Task.CompletedTask;
        Assert.Equal(SessionStatus.Active, (await Ask(grain)).Status);
    }

    [Fact]
    public async Task A_process_that_may_be_no_member_any_more_acknowledges_no_ending()
    {
        _bench.LedgerFreshness = TimeSpan.FromSeconds(2);
        var grain = await _bench.Activate();
        await Ask(grain);
        _bench.Membership.IsMember = false;

        await Assert.ThrowsAnyAsync<Exception>(() => grain.IsTold());

        Assert.Equal(1, _edge.Drops);
    }

    [Fact]
    public async Task More_edges_than_can_be_told_get_answers_without_a_share()
    {
        var grain = await _bench.Activate();
        for (var number = 0; number < 64; number++)
        {
            Assert.Equal(LeaseLength, (await Ask(grain, new FakeEdge(number))).Share);
        }

        Assert.Equal((SessionStatus.Active, TimeSpan.Zero), ((await Ask(grain, new FakeEdge(1000))).Status, (await Ask(grain, new FakeEdge(1000))).Share));
        Assert.Equal(LeaseLength, (await Ask(grain, new FakeEdge(0))).Share);
    }

    [Fact]
    public async Task While_an_edge_holds_a_share_the_session_is_not_idle()
    {
        _bench.Store(row => row with { IdleMicros = 3_000_000 });
        var grain = await _bench.Activate();
        await Ask(grain);
        _bench.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.False(await grain.EndIfIdle());
    }

    private Task<ValidateResult> Ask(SessionGrain grain, FakeEdge? edge = null, string ip = Berlin, bool isEarly = false) =>
        grain.Validate(new ValidateCommand(new ClientFacts(ip, "Firefox", "GET", "/", "{}", ""), (edge ?? _edge).Question with { IsEarly = isEarly }));

    /// <summary>The task ends when the clock has moved that far, milliseconds later at most and not a tick sooner.</summary>
    private async Task AssertEndsAt(Task task, TimeSpan rest)
    {
        _bench.Time.Advance(rest - Tick);
        await Task.Yield();
        Assert.False(task.IsCompleted);
        // What a timer wakes goes on in its own time, and only then sets the next one: so the clock moves on until it is done.
        for (var millisecond = 0; millisecond < 1000 && !task.IsCompleted; millisecond++)
        {
            _bench.Time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.WhenAny(task, Task.Delay(10));
        }

        Assert.True(task.IsCompleted);
        await task;
    }
}
