using SessionCluster.Sessions;
using SessionCluster.Storage;
using static SessionCluster.Grains.Tests.Sessions.SessionBench;

namespace SessionCluster.Grains.Tests.Sessions;

/// <summary>Whom a check asks, and what ends a session.</summary>
public sealed class SessionGrainTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task The_first_check_asks_the_users_grain_and_the_next_ones_from_the_same_address_ask_nobody()
    {
        var grain = await _bench.Activate();
        Assert.Equal(SessionStatus.Active, await grain.Check());
        var asked = Assert.Single(_bench.User.Confirms);
        Assert.Equal((_bench.Stored.Id, Berlin), (asked.Session.Value, asked.LastIp));

        _bench.Time.Advance(LeaseLength / 2);
        Assert.Equal(SessionStatus.Active, await grain.Check());
        Assert.NotNull(await grain.Describe());

        Assert.Single(_bench.User.Confirms);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    public async Task A_lease_that_is_over_asks_the_users_grain(long ticks, int questions)
    {
        var grain = await _bench.Activate();
        await grain.Check();
        _bench.Time.Advance(LeaseLength + TimeSpan.FromTicks(ticks));

        Assert.Equal(SessionStatus.Active, await grain.Check());

        Assert.Equal(questions, _bench.User.Confirms.Count);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 2)]
    public async Task A_lease_counts_from_before_its_question_was_sent(long ticks, int questions)
    {
        var way = TimeSpan.FromSeconds(2);
        _bench.User.Confirming = () =>
        {
            _bench.Time.Advance(way);
            return Task.CompletedTask;
        };
        var grain = await _bench.Activate();
        await grain.Check();
        _bench.Time.Advance(LeaseLength - way + TimeSpan.FromTicks(ticks));

        await grain.Check();

        Assert.Equal(questions, _bench.User.Confirms.Count);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(6)]
    public async Task A_wall_clock_that_was_set_ends_a_lease(int seconds)
    {
        var grain = await _bench.Activate();
        await grain.Check();
        _bench.Time.SetWallClock(TimeSpan.FromSeconds(seconds));

        await grain.Check();

        Assert.Equal(2, _bench.User.Confirms.Count);
    }

    [Fact]
    public async Task A_session_that_its_user_does_not_confirm_is_over_for_the_reason_that_is_kept()
    {
        _bench.User.IsLive = false;
        _bench.KeepEnded(EndReason.RevokedByAdmin);
        var grain = await _bench.Activate();

        Assert.Equal(SessionStatus.Revoked, await grain.Check());
        Assert.Null(await grain.Describe());
        // A front end that goes on asking is answered from memory.
        Assert.Equal(SessionStatus.Revoked, await grain.Check());
        Assert.Equal(1, _bench.EndedReads);
    }

    [Fact]
    public async Task A_new_address_is_confirmed_whatever_lease_there_is_and_is_then_the_last_one()
    {
        var grain = await _bench.Activate();
        await grain.Check();

        var moved = await grain.Validate(BerlinToo);

        Assert.Equal([Berlin, BerlinToo], _bench.User.Confirms.Select(c => c.LastIp));
        Assert.Equal((BerlinToo, 1L), (moved.Session!.LastIp, moved.Session.Asn!.Asn));
        Assert.Equal(SessionStatus.Active, await grain.Check(BerlinToo));
        Assert.Equal(2, _bench.User.Confirms.Count);
    }

    [Fact]
    public async Task A_new_address_that_is_not_confirmed_is_not_the_last_one()
    {
        var grain = await _bench.Activate();
        _bench.User.Confirming = () => throw new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Check(BerlinToo));
        _bench.User.Confirming = () => Task.CompletedTask;

        Assert.Equal(Berlin, (await grain.Describe())!.LastIp);
    }

    [Fact]
    public async Task A_new_address_outside_the_binding_ends_the_session_for_that_reason()
    {
        var grain = await _bench.Activate();
        await grain.Check();

        await grain.Check(Elsewhere);

        var end = Assert.Single(_bench.User.Ends);
        Assert.Equal((EndReason.BindingBroken, "network.asn", Elsewhere), (end.Reason, end.Binding!.Reason, end.Client!.Ip));
        Assert.Equal([_bench.Stored.Id], end.Sessions!.Value.Select(id => id.Value));
        Assert.Single(_bench.User.Confirms);
    }

    [Fact]
    public async Task A_broken_binding_is_answered_only_after_its_commit_and_its_telling()
    {
        var (committed, told) = (new TaskCompletionSource(), new TaskCompletionSource());
        (_bench.User.Committing, _bench.User.Telling) = (() => committed.Task, () => told.Task);
        var grain = await _bench.Activate();

        var check = grain.Check(Elsewhere);
        Assert.False(check.IsCompleted);
        committed.SetResult();
        await Task.Yield();
        Assert.False(check.IsCompleted);
        _bench.KeepEnded(EndReason.BindingBroken);
        told.SetResult();

        Assert.Equal(SessionStatus.BindingBroken, await check);
        Assert.Equal(1, _bench.User.Tells);
    }

    [Fact]
    public async Task A_broken_binding_whose_commit_fails_is_not_answered_and_not_forgotten()
    {
        var grain = await _bench.Activate();
        _bench.User.Committing = () => throw new TimeoutException();
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Check(Elsewhere));
        _bench.User.Committing = () => Task.CompletedTask;

        await grain.Check(Elsewhere);

        Assert.Equal(2, _bench.User.Ends.Count);
    }

    [Fact]
    public async Task A_told_session_stays_ended_whatever_its_user_would_say()
    {
        var grain = await _bench.Activate();
        await grain.Check();
        await grain.IsTold();
        _bench.KeepEnded(EndReason.LoggedOut);

        Assert.Equal(SessionStatus.Revoked, await grain.Check());
        Assert.Equal(SessionStatus.Revoked, await grain.Check(Elsewhere));
        Assert.Null(await grain.Describe());
        Assert.False(await grain.EndIfIdle());
        Assert.Single(_bench.User.Confirms);
        Assert.Empty(_bench.User.Ends);
    }

    [Fact]
    public async Task One_that_is_told_while_its_question_is_on_the_way_is_not_revived_by_the_answer()
    {
        var answer = new TaskCompletionSource();
        _bench.User.Confirming = () => answer.Task;
        var grain = await _bench.Activate();
        var check = grain.Check();

        await grain.IsTold();
        answer.SetResult();

        Assert.Equal(SessionStatus.Unknown, await check);
        Assert.Equal(SessionStatus.Unknown, await grain.Check());
        Assert.Single(_bench.User.Confirms);
    }

    [Theory]
    [InlineData(-1, SessionStatus.Active)]
    [InlineData(0, SessionStatus.Expired)]
    [InlineData(1, SessionStatus.Expired)]
    public async Task A_session_is_live_before_its_end_and_not_at_it(long ticks, SessionStatus expected)
    {
        var grain = await _bench.Activate();
        _bench.Time.Advance(TimeSpan.FromHours(1) - Tick);
        Assert.Equal(SessionStatus.Active, await grain.Check());
        _bench.Time.Advance(Tick + TimeSpan.FromTicks(ticks));

        Assert.Equal(expected, await grain.Check());
        Assert.Equal(expected == SessionStatus.Active, await grain.Describe() is not null);
        Assert.Equal(expected == SessionStatus.Active ? [] : [EndReason.Expired], _bench.User.Ends.Select(end => end.Reason));
    }

    [Fact]
    public async Task A_session_that_was_seen_past_its_end_stays_ended_when_the_clock_is_set_back()
    {
        var grain = await _bench.Activate();
        await grain.Check();
        _bench.Time.SetWallClock(TimeSpan.FromHours(1));
        Assert.Equal(SessionStatus.Expired, await grain.Check());
        _bench.Time.SetWallClock(TimeSpan.FromHours(-1));

        Assert.Equal(SessionStatus.Expired, await grain.Check());
    }

    [Fact]
    public async Task A_session_whose_end_comes_while_its_question_is_on_the_way_is_not_accepted()
    {
        var grain = await _bench.Activate();
        _bench.User.Confirming = () =>
        {
            _bench.Time.Advance(TimeSpan.FromHours(1));
            return Task.CompletedTask;
        };

        Assert.Equal(SessionStatus.Expired, await grain.Check());
    }

    [Theory]
    [InlineData(-1, SessionStatus.Active)]
    [InlineData(0, SessionStatus.Idle)]
    [InlineData(1, SessionStatus.Idle)]
    public async Task A_session_is_idle_once_it_was_not_used_for_its_timeout(long ticks, SessionStatus expected)
    {
        _bench.Store(row => row with { IdleMicros = 60_000_000 });
        var grain = await _bench.Activate();
        _bench.Time.Advance(TimeSpan.FromSeconds(40));
        await grain.Check();
        _bench.Time.Advance(TimeSpan.FromSeconds(60) + TimeSpan.FromTicks(ticks));

        Assert.Equal(expected, await grain.Check());
        Assert.Equal(expected == SessionStatus.Active ? [] : [EndReason.Idle], _bench.User.Ends.Select(end => end.Reason));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    public async Task The_sweeper_ends_a_session_that_is_idle_by_its_grains_own_memory(long ticks, bool isIdle)
    {
        _bench.Store(row => row with { IdleMicros = 60_000_000 });
        var grain = await _bench.Activate();
        _bench.Time.Advance(TimeSpan.FromSeconds(40));
        await grain.Check();
        _bench.Time.Advance(TimeSpan.FromSeconds(60) + TimeSpan.FromTicks(ticks));

        Assert.Equal(isIdle, await grain.EndIfIdle());

        Assert.Equal(isIdle ? [EndReason.Idle] : [], _bench.User.Ends.Select(end => end.Reason));
        Assert.Equal(isIdle ? 1 : 0, _bench.User.Tells);
    }

    [Fact]
    public async Task A_session_without_a_row_is_unknown_or_over_for_the_reason_that_is_kept()
    {
        _bench.Row.Stored = null;
        Assert.Equal(SessionStatus.Unknown, await (await _bench.Activate()).Check());
        _bench.KeepEnded(EndReason.UserDeactivated);
        Assert.Equal(SessionStatus.UserInactive, await (await _bench.Activate()).Check());
        Assert.Empty(_bench.User.Confirms);
    }

    [Fact]
    public async Task The_owner_is_known_while_the_session_lives_and_while_its_end_is_kept()
    {
        Assert.Equal("42", (await (await _bench.Activate()).Owner())!.Value.Value);
        _bench.Row.Stored = null;
        Assert.Null(await (await _bench.Activate()).Owner());
        _bench.KeepEnded(EndReason.LoggedOut);
        Assert.Equal("42", (await (await _bench.Activate()).Owner())!.Value.Value);
    }

    [Fact]
    public async Task In_a_process_that_may_be_no_member_any_more_no_check_is_answered()
    {
        _bench.LedgerFreshness = TimeSpan.FromSeconds(2);
        _bench.Membership.IsMember = false;
        var grain = await _bench.Activate();

        await Assert.ThrowsAsync<StorageUnavailableException>(() => grain.Check());
        Assert.Equal([TimeSpan.FromSeconds(2)], _bench.Membership.Asked);

        _bench.Membership.IsMember = true;
        Assert.Equal(SessionStatus.Active, await grain.Check());
    }
}
