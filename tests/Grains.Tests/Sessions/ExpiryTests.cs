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

    /// <summary>It would prolong the idle time by what the edge's clock is ahead.</summary>
    [Theory]
    [InlineData(-1, -1)]
    [InlineData(3600, 0)]
    public async Task A_use_that_an_edge_tells_of_is_no_later_than_now(int told, int stored)
    {
        var grain = await _bench.Activate();
        var edge = new FakeEdge(1) { LastUsed = _bench.Time.GetUtcNow().AddSeconds(3 + told) };
        await grain.Validate(new ValidateCommand(new ClientFacts(SessionBench.Berlin, "Firefox", "GET", "/", "{}", ""), edge.Question));
        _bench.Time.Advance(TimeSpan.FromSeconds(3));

        await grain.OnDeactivateAsync(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "idle"), CancellationToken.None);

        Assert.Equal(_bench.Time.GetUtcNow().AddSeconds(stored), _bench.Stored.LastUsed);
    }
}
