using SessionCluster.Sessions;
using SessionCluster.Storage;

namespace SessionCluster.Grains.Tests.Sessions;

/// <summary>A session's grain that hears in the middle of a turn that the members of the cluster are others.</summary>
public sealed class SessionMembershipTests
{
    private readonly SessionBench _bench = new();

    /// <summary>An activation before this one may still change the data; on a machine that slept one of the clocks stood still.</summary>
    [Theory]
    [InlineData(0.9, 0, 0)]
    [InlineData(1, 0, 1)]
    [InlineData(0, 60, 1)]
    public async Task The_row_is_read_again_by_the_clock_that_says_more(double seconds, int wall, int reads)
    {
        _bench.LedgerFreshness = TimeSpan.FromSeconds(5);
        var grain = await _bench.Activate();
        _bench.Time.Advance(TimeSpan.FromSeconds(seconds));
        _bench.Time.SetWallClock(TimeSpan.FromSeconds(wall));

        await grain.Check();

        Assert.Equal(reads, _bench.Row.Reads);
    }

    [Fact]
    public async Task A_turn_over_a_change_of_the_membership_takes_no_lease_and_acknowledges_no_ending()
    {
        _bench.LedgerFreshness = TimeSpan.FromSeconds(5);
        var grain = await _bench.Activate();
        _bench.Membership.Asking = () => _bench.Membership.KnownVersion++;
        await Assert.ThrowsAsync<AskAgainException>(() => grain.Check());
        _bench.Membership.Asking = null;

        Assert.Equal(SessionStatus.Active, await grain.Check());
        Assert.Equal(2, _bench.User.Confirms.Count);
        _bench.Membership.Asking = () => _bench.Membership.KnownVersion++;
        await Assert.ThrowsAsync<AskAgainException>(grain.Ended);
    }
}
