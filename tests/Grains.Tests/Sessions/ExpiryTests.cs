using SessionCluster.Sessions;

namespace SessionCluster.Grains.Tests.Sessions;

public sealed class ExpiryTests
{
    private readonly SessionBench _bench = new();

    /// <summary>Its clock may be ahead of the session's, or has gone on while the question was on its way.</summary>
    [Fact]
    public async Task A_session_that_its_user_finds_past_its_end_is_over_for_that_reason_and_that_is_stored()
    {
        (_bench.User.IsLive, _bench.User.IsExpired) = (false, true);
        var grain = await _bench.Activate();

        Assert.Equal(SessionStatus.Expired, await grain.Check());

        Assert.Equal(EndReason.Expired, Assert.Single(_bench.User.Ends).Reason);
        Assert.Equal(SessionStatus.Expired, await grain.Check());
    }
}
