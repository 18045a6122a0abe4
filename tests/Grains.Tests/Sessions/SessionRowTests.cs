using SessionCluster.Sessions;
using static SessionCluster.Grains.Tests.Sessions.SessionBench;

namespace SessionCluster.Grains.Tests.Sessions;

/// <summary>What a session's grain stores, and when; it updates its row and never makes one.</summary>
public sealed class SessionRowTests
{
    private readonly SessionBench _bench = new();

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    public async Task A_use_is_stored_when_the_row_is_a_minute_behind(long ticks, bool isStored)
    {
        var before = _bench.Stored;
        var grain = await _bench.Activate();
        _bench.Time.Advance(TimeSpan.FromSeconds(30));
        await grain.Check();
        Assert.Equal(before, _bench.Stored);
        _bench.Time.Advance(TimeSpan.FromSeconds(30) + TimeSpan.FromTicks(ticks));
        await grain.Check();

        Assert.Equal(isStored ? before with { LastUsed = _bench.Time.GetUtcNow() } : before, _bench.Stored);
    }

    [Fact]
    public async Task A_new_address_is_stored_with_the_check_that_brings_it()
    {
        var grain = await _bench.Activate();
        await grain.Check(BerlinToo);

        Assert.Equal((BerlinToo, 1L), (_bench.Stored.LastIp, _bench.Stored.Asn!.Asn));
    }

    /// <summary>Else the next activation would take the session for idle, by a row that says nothing of its uses.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1800)]
    public async Task A_use_that_cannot_be_stored_keeps_a_session_with_idle_time_in_memory(int idleSeconds)
    {
        _bench.Store(row => row with { IdleMicros = idleSeconds * 1_000_000L });
        var grain = await _bench.Activate();
        _bench.FillTheDisk();

        await grain.Check(BerlinToo);

        Assert.Equal(idleSeconds == 0 ? null : TimeSpan.FromSeconds(idleSeconds), _bench.Activation.Stays);
    }

    /// <summary>The id of a session is known before its login to whoever knows the plan of the login.</summary>
    [Fact]
    public async Task A_session_that_was_asked_for_before_it_began_is_not_kept_for_ended()
    {
        var begun = _bench.Row.Stored;
        _bench.Row.Stored = null;
        var asked = await _bench.Activate();
        Assert.Null(await asked.Owner());
        Assert.Equal(SessionStatus.Unknown, await asked.Check());

        _bench.Row.Stored = begun;

        Assert.Equal(SessionStatus.Active, await asked.Check());
        Assert.NotNull(await asked.Owner());
    }

    /// <summary>Calls that come together would be sent on from one activation to the next, which Orleans does twice at most.</summary>
    [Fact]
    public async Task Calls_to_a_session_that_is_not_there_leave_its_grain_in_memory()
    {
        _bench.Row.Stored = null;
        var ended = await _bench.Activate();

        Assert.Null(await ended.Owner());
        Assert.Equal(SessionStatus.Unknown, await ended.Check());
        Assert.Null(await ended.Describe());

        Assert.False(_bench.Activation.IsLeaving);
    }

    [Fact]
    public async Task A_session_that_was_told_of_its_ending_before_it_was_found_stays_ended()
    {
        var begun = _bench.Row.Stored;
        _bench.Row.Stored = null;
        var asked = await _bench.Activate();
        await asked.Ended();
        _bench.Row.Stored = begun;

        Assert.Equal(SessionStatus.Unknown, await asked.Check());
        Assert.Equal(SessionStatus.Unknown, await asked.Check());
    }

    [Fact]
    public async Task What_is_stored_again_need_not_stay_in_memory()
    {
        _bench.Store(row => row with { IdleMicros = 1_800_000_000 });
        var grain = await _bench.Activate();
        _bench.FillTheDisk();
        await grain.Check(BerlinToo);

        await grain.Check(BerlinToo);

        Assert.Equal(TimeSpan.Zero, _bench.Activation.Stays);
    }

    [Fact]
    public async Task A_check_does_not_wait_for_what_it_stores_and_there_is_one_write_at_a_time()
    {
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        _bench.Row.Writes.Enqueue(() => first.Task);
        _bench.Row.Writes.Enqueue(() => second.Task);
        var grain = await _bench.Activate();
        Assert.Equal(SessionStatus.Active, await grain.Check(BerlinToo));
        Assert.Equal(SessionStatus.Active, await grain.Check());
        Assert.Single(_bench.Row.Writes);

        first.SetResult();
        await Task.Yield();
        Assert.Equal(BerlinToo, _bench.Stored.LastIp);
        second.SetResult();
        await grain.Check();

        Assert.Equal(Berlin, _bench.Stored.LastIp);
    }

    [Fact]
    public async Task What_is_not_stored_yet_is_stored_when_the_grain_leaves_the_memory()
    {
        var grain = await _bench.Activate();
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        await grain.Validate(agent: "Opera");
        Assert.Equal("Firefox", _bench.Stored.LastUserAgent);

        await Leave(grain);

        Assert.Equal(("Opera", _bench.Time.GetUtcNow()), (_bench.Stored.LastUserAgent, _bench.Stored.LastUsed));
    }

    [Fact]
    public async Task A_use_without_a_user_agent_says_nothing_about_the_browser()
    {
        var grain = await _bench.Activate();
        Assert.Equal("Firefox", (await grain.Validate(agent: "")).Session!.LastUserAgent);
        Assert.Equal("Opera", (await grain.Validate(agent: "Opera")).Session!.LastUserAgent);
    }

    [Fact]
    public async Task A_description_is_no_use()
    {
        var grain = await _bench.Activate();
        _bench.Time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(_bench.Stored.LastUsed, (await grain.Describe())!.LastUsed);
    }

    [Fact]
    public async Task Data_is_stored_at_once_and_told_with_the_next_check()
    {
        var grain = await _bench.Activate();
        await grain.Check();

        Assert.True(await grain.SetData("""{"cart":7}"""));

        Assert.Equal("""{"cart":7}""", _bench.Stored.Data);
        Assert.Equal("""{"cart":7}""", (await grain.Validate()).Session!.DataJson);
    }

    [Fact]
    public async Task Data_whose_write_failed_is_not_told()
    {
        var grain = await _bench.Activate();
        _bench.Row.Writes.Enqueue(() => throw new IOException());
        await Assert.ThrowsAsync<IOException>(() => grain.SetData("{}"));

        Assert.Null((await grain.Validate()).Session!.DataJson);
        Assert.True(await grain.SetData("{}"));
    }

    [Fact]
    public async Task Data_of_a_session_that_is_over_is_refused()
    {
        var grain = await _bench.Activate();
        _bench.User.IsLive = false;

        Assert.False(await grain.SetData("{}"));

        Assert.Null(_bench.Stored.Data);
    }

    [Fact]
    public async Task Data_for_a_session_that_ended_meanwhile_changes_nothing()
    {
        var grain = await _bench.Activate();
        _bench.EndBeforeTheNextWrite();

        Assert.False(await grain.SetData("{}"));

        Assert.Null(_bench.Row.Stored);
        Assert.Equal(SessionStatus.Unknown, await grain.Check());
    }

    [Fact]
    public async Task A_late_use_of_a_session_that_ended_meanwhile_changes_nothing_and_no_lease_is_left()
    {
        var grain = await _bench.Activate();
        _bench.EndBeforeTheNextWrite();
        await grain.Check(BerlinToo);
        _bench.User.Confirming = () => throw new InvalidOperationException("Nobody is to be asked.");

        Assert.Null(_bench.Row.Stored);
        Assert.Equal(SessionStatus.Unknown, await grain.Check(BerlinToo));
    }

    [Fact]
    public async Task A_told_session_stores_nothing_any_more()
    {
        var before = _bench.Stored;
        var grain = await _bench.Activate();
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        await grain.Validate(agent: "Opera");
        await grain.IsTold();
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        await grain.Check();
        await Leave(grain);

        Assert.Equal(before, _bench.Stored);
    }

    [Fact]
    public async Task A_row_that_another_activation_wrote_is_read_again_and_a_lease_asked_for_anew()
    {
        var grain = await _bench.Activate();
        await grain.Check();
        _bench.ChangeBeforeTheNextWrite(row => row with { Data = "theirs" });
        await grain.Check(BerlinToo);
        var questions = _bench.User.Confirms.Count;

        Assert.Equal(("theirs", BerlinToo), (_bench.Stored.Data, _bench.Stored.LastIp));
        Assert.Equal("theirs", (await grain.Validate(BerlinToo)).Session!.DataJson);
        Assert.Equal(questions + 1, _bench.User.Confirms.Count);
    }

    [Fact]
    public async Task A_use_that_could_not_be_stored_is_stored_with_the_next_one()
    {
        var grain = await _bench.Activate();
        _bench.Row.Writes.Enqueue(() => throw new IOException());
        await grain.Check(BerlinToo);
        Assert.Equal(Berlin, _bench.Stored.LastIp);

        await grain.Check(BerlinToo);

        Assert.Equal(BerlinToo, _bench.Stored.LastIp);
    }

    [Fact]
    public async Task A_use_that_could_not_be_stored_undoes_nothing_that_was_read_meanwhile()
    {
        var grain = await _bench.Activate();
        _bench.Row.Writes.Enqueue(async () =>
        {
            _bench.Row.Stored = _bench.Stored with { Data = "theirs" };
            await _bench.Row.ReadStateAsync();
            throw new IOException();
        });
        await grain.Check(BerlinToo);

        await grain.Check(BerlinToo);

        Assert.Equal(("theirs", BerlinToo), (_bench.Stored.Data, _bench.Stored.LastIp));
    }

    private static Task Leave(SessionGrain grain) =>
        grain.OnDeactivateAsync(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "idle"), CancellationToken.None);
}
