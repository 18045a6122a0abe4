using SessionCluster.Sessions;
using SessionCluster.Users;
using static SessionCluster.Grains.Tests.Users.LedgerBench;

namespace SessionCluster.Grains.Tests.Users;

/// <summary>
/// Sessions that are past their end by the clock of their user's grain, and not swept yet. A process whose clock is behind still lets them in
/// under their lease, and so would this one if its clock were set back: whoever ends them has to end and tell them.
/// </summary>
public sealed class PastEndTests
{
    private readonly LedgerBench _bench = new();

    [Theory]
    [InlineData("revoke")]
    [InlineData("revoke all")]
    [InlineData("deactivate")]
    [InlineData("terminate")]
    [InlineData("replace")]
    public void They_are_ended_as_expired_and_told(string how)
    {
        var id = _bench.LoggedIn(Command(Stage("seconds=10")));
        _bench.Time.Advance(TimeSpan.FromSeconds(7));
        _bench.GrantLease(id);
        _bench.Time.Advance(TimeSpan.FromSeconds(4));

        var ending = how switch
        {
            "revoke" => _bench.End(EndReason.RevokedByAdmin, null, id),
            "revoke all" => _bench.End(EndReason.RevokedByAdmin),
            "deactivate" => _bench.Commit(l => l.SetActive(new SetActiveCommand(false, Client(), null), null, null)).Ending!,
            "terminate" => _bench.Login(Command(Stage(terminate: true))).Ending,
            _ => _bench.Login(Command(previous: id)).Ending,
        };

        Assert.Equal([id], ending!.MayHoldLease.ToArray());
        var ended = Assert.Single(_bench.LastCommit!.Ended);
        Assert.Equal((id.Value, EndReason.Expired), (ended.Id, ended.Reason));
        var told = Assert.Single(_bench.LastCommit.Events, e => e.Action == "logout");
        Assert.Null(told.ClientIp);
        Assert.False(_bench.Live.TryGet(id, out _));
    }

    [Fact]
    public void They_make_no_room_under_a_cap_and_are_not_evicted()
    {
        (_bench.Options.MaxPerUser, _bench.Options.OnLimit) = (1, SessionOptions.Deny);
        _bench.LoggedIn(Command(Stage("seconds=10")));
        _bench.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.True(_bench.Login(Command()).IsLoggedIn);
        Assert.Empty(_bench.LastCommit!.Ended);
        Assert.Equal(LoginOutcome.SessionLimit, _bench.Login(Command()).Outcome);
    }
}
