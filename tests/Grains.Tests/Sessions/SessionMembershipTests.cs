using SessionCluster.Sessions;
using SessionCluster.Storage;

namespace SessionCluster.Grains.Tests.Sessions;

/// <summary>A session's grain that hears in the middle of a turn that the members of the cluster are others.</summary>
public sealed class SessionMembershipTests
{
    private readonly SessionBench _bench = new();

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
