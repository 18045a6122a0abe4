using SessionCluster.Sessions;
using SessionCluster.Silo.Membership;

namespace SessionCluster.Domain.Tests.Membership;

public sealed class MembershipWatchTests
{
    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    private readonly WatchRun _run = new();

    [Fact]
    public void A_membership_counts_as_unchanged_only_once_it_was_seen_that_long_ago() => _run.Run(async () =>
    {
        await _run.Wait(9);
        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 7));

        await _run.Wait(1);
        Assert.True(await _run.Watch.UnchangedFor(TenSeconds, 7));
    });

    [Fact]
    public void The_time_counts_from_the_end_of_the_read_that_saw_the_version_first()
    {
        _run.ReadTime = TimeSpan.FromSeconds(1);
        _run.Run(async () =>
        {
            await _run.Wait(1.5);
            _run.ReadTime = TimeSpan.Zero;
            await _run.Wait(9);
            Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 7));

            await _run.Wait(0.5);
            Assert.True(await _run.Watch.UnchangedFor(TenSeconds, 7));
        });
    }

    [Fact]
    public void A_change_since_the_last_look_is_not_overlooked() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        _run.Table = _run.Table with { Version = 8 };

        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 7));
        Assert.False(await _run.Watch.UnchangedFor(TimeSpan.FromMilliseconds(1), 7));
    });

    [Fact]
    public void A_version_that_is_not_the_one_asked_for_is_a_change_however_old_it_is() => _run.Run(async () =>
    {
        await _run.Wait(60);

        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 6));
        Assert.True(await _run.Watch.UnchangedFor(TenSeconds, 7));
    });

    [Fact]
    public void While_another_cluster_serves_the_same_database_nothing_counts_as_unchanged() => _run.Run(async () =>
    {
        _run.Table = _run.Table with { IsShared = true };
        await _run.Wait(60);
        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 7));

        _run.Table = _run.Table with { IsShared = false };
        Assert.True(await _run.Watch.UnchangedFor(TenSeconds, 7));
    });

    [Fact]
    public void The_version_that_this_process_acts_on_is_known_without_a_read() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        var before = _run.Reads;
        _run.KnownVersion = 8;

        Assert.Equal(8, _run.Watch.KnownVersion);
        Assert.Equal(before, _run.Reads);
    });

    [Fact]
    public void A_read_that_had_begun_before_the_question_does_not_answer_it() => _run.Run(async () =>
    {
        await _run.Wait(60);
        _run.ReadTime = TimeSpan.FromSeconds(1);
        await _run.Wait(1.5);
        var before = _run.Reads;

        Assert.True(await _run.Watch.UnchangedFor(TenSeconds, 7));
        Assert.Equal(before + 1, _run.Reads);
    });

    [Fact]
    public void Callers_at_the_same_time_share_a_read() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        var before = _run.Reads;

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _run.Watch.UnchangedFor(TenSeconds, 7).AsTask()));

        Assert.All(answers, Assert.True);
        Assert.Equal(before + 1, _run.Reads);
    });

    [Fact]
    public void One_that_is_no_member_any_more_knows_nothing() => _run.Run(async () =>
    {
        await _run.Wait(60);
        _run.Table = _run.Table with { IsMember = false };

        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 7));
    });

    [Fact]
    public void A_read_that_fails_answers_no_and_the_next_one_may_answer_yes() => _run.Run(async () =>
    {
        await _run.Wait(60);
        _run.IsBroken = true;
        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 7));

        _run.IsBroken = false;
        Assert.True(await _run.Watch.UnchangedFor(TenSeconds, 7));
    });

    [Fact]
    public void A_read_that_takes_too_long_answers_no() => _run.Run(async () =>
    {
        await _run.Wait(60);
        _run.ReadTime = TimeSpan.FromHours(1);

        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 7));
    });

    [Fact]
    public void Being_a_member_is_known_from_the_last_read_while_that_is_young() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        _run.IsBroken = true;
        var before = _run.Reads;

        Assert.True(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(5)));
        Assert.Equal(before, _run.Reads);
    });

    [Fact]
    public void A_process_that_slept_has_to_look_again() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        _run.IsBroken = true;
        Assert.True(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(5)));

        _run.Slept = TimeSpan.FromMinutes(1);

        Assert.False(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(5)));
    });

    [Fact]
    public void Being_a_member_is_forgotten_when_the_last_proof_is_old() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        _run.IsBroken = true;
        await _run.Wait(4.4);
        Assert.True(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(5)));

        await _run.Wait(0.2);
        Assert.False(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(5)));
    });

    [Fact]
    public void The_age_of_a_proof_counts_from_the_start_of_its_read() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        _run.ReadTime = TimeSpan.FromSeconds(1.5);
        await _run.Wait(2.1);

        Assert.False(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(1)));
    });

    [Fact]
    public void One_that_was_dropped_stops_being_a_member_with_the_next_read() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        _run.Table = new(8, IsMember: false);
        await _run.Wait(1.1);

        Assert.False(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(5)));
    });

    [Fact]
    public void A_member_that_has_not_heard_of_the_newest_membership_learns_of_it_first() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        _run.Table = _run.Table with { Version = 8 };
        await _run.Wait(5.1);
        Assert.False(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(5)));
        Assert.Contains(8, _run.ToldOf);

        _run.KnownVersion = 8;
        await _run.Wait(6.1);
        Assert.True(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(5)));
    });

    /// <summary>Else each change of the membership would refuse checks on the members that have not heard of it yet.</summary>
    [Fact]
    public void A_member_that_has_not_heard_of_a_change_was_one_until_a_moment_ago() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        _run.Table = _run.Table with { Version = 8 };
        await _run.Wait(3);

        Assert.True(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(5)));
        await _run.Wait(2);
        Assert.False(await _run.Watch.WasMemberWithin(TimeSpan.FromSeconds(5)));
    });

    [Fact]
    public void A_membership_has_settled_once_it_was_seen_that_long_ago_and_is_the_one_acted_on() => _run.Run(async () =>
    {
        Assert.Equal(IMembershipWatch.NotSettled, _run.Watch.SettledVersion(TenSeconds));
        await _run.Wait(11);
        Assert.Equal(7, _run.Watch.SettledVersion(TenSeconds));

        _run.KnownVersion = 8;
        Assert.Equal(IMembershipWatch.NotSettled, _run.Watch.SettledVersion(TenSeconds));
        _run.Table = _run.Table with { Version = 8 };
        await _run.Wait(9);
        Assert.Equal(IMembershipWatch.NotSettled, _run.Watch.SettledVersion(TenSeconds));
        await _run.Wait(2.5);
        Assert.Equal(8, _run.Watch.SettledVersion(TenSeconds));
        _run.Table = _run.Table with { IsMember = false };
        await _run.Wait(1.1);
        Assert.Equal(IMembershipWatch.NotSettled, _run.Watch.SettledVersion(TenSeconds));
    });

    /// <summary>What is elsewhere now may still be at work here: it is given up after the process has heard.</summary>
    [Fact]
    public void A_membership_settles_from_when_it_is_acted_on_and_not_from_when_it_was_seen() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        _run.Table = _run.Table with { Version = 8 };
        await _run.Wait(20);
        _run.KnownVersion = 8;
        Assert.Equal(IMembershipWatch.NotSettled, _run.Watch.SettledVersion(TenSeconds));
        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 8));

        await _run.Wait(10.1);
        Assert.Equal(8, _run.Watch.SettledVersion(TenSeconds));
        Assert.True(await _run.Watch.UnchangedFor(TenSeconds, 8));
    });

    /// <summary>As after a restore under running members, or where another database's members are known.</summary>
    [Theory]
    [InlineData(6, "is at version 6, but this silo knows version 7")]
    [InlineData(MemberRead.Nothing, "knows this cluster no more, but this silo knows version 7")]
    public void A_table_that_was_set_back_ends_the_process_which_grants_and_acknowledges_nothing_from_then_on(long version, string told) => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        Assert.True(await _run.Watch.WasMemberWithin(TenSeconds));
        Assert.Empty(_run.Ends);
        _run.Table = _run.Table with { Version = version };

        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 7));

        Assert.Contains(told, _run.Ends[0], StringComparison.Ordinal);
        Assert.Equal(IMembershipWatch.NotSettled, _run.Watch.SettledVersion(TenSeconds));
        Assert.False(await _run.Watch.WasMemberWithin(TenSeconds));
        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, version));
    });

    /// <summary>What the process knows is taken before its read begins: what it hears meanwhile may be newer than what the read sees.</summary>
    [Fact]
    public void A_process_that_hears_of_a_change_during_its_read_goes_on() => _run.Run(async () =>
    {
        await _run.Wait(60.5);
        _run.ReadTime = TimeSpan.FromSeconds(1);
        await _run.Wait(1);
        _run.KnownVersion = 8;
        await _run.Wait(0.6);
        _run.Table = _run.Table with { Version = 8 };
        await _run.Wait(3);

        Assert.Empty(_run.Ends);
    });

    [Fact]
    public async Task After_the_end_of_the_process_nothing_is_certain()
    {
        _run.Run(() => _run.Wait(60));

        Assert.False(await _run.Watch.UnchangedFor(TenSeconds, 7));
    }
}
