using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Users;

public sealed class EndingFanOutTests
{
    /// <summary>F + L.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(7);

    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly TwoClocks _time = new();

    private readonly FakeMembership _membership = new();

    private readonly LeaseOptions _options = new() { Duration = "seconds=5", LedgerFreshness = TimeSpan.FromSeconds(2), TellParallelism = 4 };

    /// <summary>What each told session waits for before it acknowledges; at once where there is nothing.</summary>
    private readonly Dictionary<SessionId, Task> _acknowledgements = [];

    private readonly List<SessionId> _told = [];

    [Fact]
    public async Task When_all_acknowledge_and_the_membership_is_unchanged_the_answer_goes_out_at_once()
    {
        var ending = Ending(3);

        var receipt = await Run(ending);

        Assert.Equal(ending.Ended, _told);
        Assert.Equal(new Receipt(ending.Revision, ending.CommittedAt, ending.Ended, _time.GetUtcNow()), receipt);
        Assert.Equal([_options.Settling], _membership.Asked);
        Assert.Equal(ending.Membership, _membership.AskedVersion);
    }

    [Fact]
    public async Task One_session_that_cannot_be_told_makes_the_answer_wait_F_and_L()
    {
        var ending = Ending(3);
        _acknowledgements[ending.Ended[1]] = Task.FromException(new TimeoutException());

        await AssertWaits(ending, Bound);

        Assert.Equal(ending.Ended, _told);
    }

    [Fact]
    public async Task One_session_that_never_answers_makes_the_answer_wait_F_and_L_and_no_longer()
    {
        var ending = Ending(3);
        _acknowledgements[ending.Ended[1]] = new TaskCompletionSource().Task;

        await AssertWaits(ending, Bound);
    }

    [Fact]
    public async Task After_a_change_of_the_membership_acknowledgements_are_not_enough()
    {
        _membership.IsUnchanged = false;
        await AssertWaits(Ending(3), Bound);
    }

    [Fact]
    public async Task The_membership_is_looked_at_after_the_last_acknowledgement()
    {
        var ending = Ending(1);
        var acknowledged = new TaskCompletionSource();
        _acknowledgements[ending.Ended[0]] = acknowledged.Task;
        var run = Run(ending);
        Assert.Empty(_membership.Asked);

        _membership.IsUnchanged = false;
        acknowledged.SetResult();

        await AssertEndsAt(run, Bound);
    }

    [Fact]
    public async Task Where_too_many_may_hold_a_lease_none_is_told_and_all_are_waited_out()
    {
        await AssertWaits(Ending(3) with { WaitOut = true }, Bound);
        Assert.Empty(_told);
    }

    [Fact]
    public async Task On_one_machine_what_cannot_be_told_is_waited_out_for_L_alone()
    {
        _options.LedgerFreshness = TimeSpan.Zero;
        await AssertWaits(Ending(3) with { WaitOut = true }, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task An_ending_of_nothing_asks_nobody()
    {
        var receipt = await Run(new Ending(7, DateTimeOffset.UnixEpoch, [], [], WaitOut: false));

        Assert.Equal(_time.GetUtcNow(), receipt.EffectiveEverywhereAt);
        Assert.Empty(_membership.Asked);
    }

    [Fact]
    public async Task Sessions_that_hold_no_lease_are_not_told_but_the_membership_counts()
    {
        _membership.IsUnchanged = false;
        await AssertWaits(Ending(3) with { MayHoldLease = [] }, Bound);
        Assert.Empty(_told);
    }

    [Fact]
    public async Task Sessions_that_an_earlier_commit_ended_are_told_again_and_do_not_count_as_ended_now()
    {
        var ending = Ending(3) with { Ended = [] };

        var receipt = await Run(ending);

        Assert.Empty(receipt.Ended);
        Assert.Equal(ending.MayHoldLease, _told);
    }

    [Fact]
    public async Task No_more_are_told_at_the_same_time_than_the_setting_says()
    {
        var ending = Ending(10);
        var acknowledgements = ending.Ended.ToDictionary(id => id, _ => new TaskCompletionSource());
        foreach (var (id, acknowledgement) in acknowledgements)
        {
            _acknowledgements[id] = acknowledgement.Task;
        }

        var run = Run(ending);
        for (var acknowledged = 0; acknowledged < 10; acknowledged++)
        {
            await Poll.Until(() => Task.FromResult(_told.Count == Math.Min(acknowledged + 4, 10)));
            acknowledgements[_told[acknowledged]].SetResult();
        }

        Assert.Equal(_time.GetUtcNow(), (await run).EffectiveEverywhereAt);
        Assert.Equal(ending.Ended, _told);
    }

    [Fact]
    public async Task The_wait_counts_from_the_start_of_the_telling_and_not_from_the_commit_or_the_failure()
    {
        var ending = Ending(2) with { CommittedAt = _time.GetUtcNow().AddHours(-1) };
        var answer = new TaskCompletionSource();
        _acknowledgements[ending.Ended[1]] = answer.Task;
        var run = Run(ending);
        // Not whole milliseconds: waits are cut to those, and must not become shorter for it.
        var passed = TimeSpan.FromSeconds(3) + Tick;
        _time.Advance(passed);
        answer.SetException(new IOException());

        await AssertEndsAt(run, Bound - passed);
    }

    [Fact]
    public async Task The_wait_goes_by_the_monotonic_clock_alone()
    {
        var run = Run(Ending(1) with { WaitOut = true });
        _time.SetWallClock(TimeSpan.FromHours(1));

        await AssertEndsAt(run, Bound);
    }

    [Fact]
    public async Task Once_the_wait_would_be_over_nobody_is_told_any_more()
    {
        _options.TellParallelism = 1;
        var ending = Ending(3);
        _acknowledgements[ending.Ended[0]] = new TaskCompletionSource().Task;

        await AssertWaits(ending, Bound);

        Assert.Equal(ending.Ended[0], Assert.Single(_told));
    }

    private static Ending Ending(int sessions)
    {
        var ids = Enumerable.Range(1, sessions).Select(n => new SessionId(new Guid(n, 0, 0, new byte[8]))).ToArray();
        return new Ending(7, DateTimeOffset.UnixEpoch, [.. ids], [.. ids], WaitOut: false, Membership: 12);
    }

    private Task<Receipt> Run(Ending ending)
    {
        var grains = MadeUpGrains.Factory((_, key) => Session(SessionId.FromGrainKey(key)));
        return new EndingFanOut(grains, _membership, _time, _options, NullLogger.Instance).Run(ending);
    }

    private Task AssertWaits(Ending ending, TimeSpan length) => AssertEndsAt(Run(ending), length);

    /// <summary>The answer goes out when the clock has moved that far, a millisecond later at most and not a tick sooner; its receipt names that moment.</summary>
    private async Task AssertEndsAt(Task<Receipt> run, TimeSpan rest)
    {
        var end = _time.GetUtcNow() + rest;
        _time.Advance(rest - Tick);
        await Task.Yield();
        Assert.False(run.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1) + Tick);
        var receipt = await run.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(receipt.EffectiveEverywhereAt, end, end.AddMilliseconds(1));
    }

    private ISessionGrain Session(SessionId id) => Stub.Of<ISessionGrain>((method, _) =>
    {
        Assert.Equal(nameof(ISessionGrain.Ended), method.Name);
        _told.Add(id);
        return _acknowledgements.GetValueOrDefault(id, Task.CompletedTask);
    });
}
