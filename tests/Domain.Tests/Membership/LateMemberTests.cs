using SessionCluster.Sessions;

namespace SessionCluster.Domain.Tests.Membership;

/// <summary>A member that hears late of a change of the membership.</summary>
public sealed class LateMemberTests
{
    private readonly WatchRun _run = new();

    /// <summary>The others have settled by then, and count no longer on what it has not given up yet.</summary>
    [Theory]
    [InlineData(3, 0)]
    [InlineData(7, 5)]
    public void A_member_that_hears_of_a_change_late_serves_only_after_a_while(double heardAfter, double servesAfter) => _run.Run(async () =>
    {
        var freshness = TimeSpan.FromSeconds(5);
        await _run.Wait(60.5);
        _run.Table = _run.Table with { Version = 8 };
        await _run.Wait(heardAfter);
        _run.KnownVersion = 8;
        await _run.Watch.UnchangedFor(freshness, 8);

        if (servesAfter > 0)
        {
            Assert.False(await _run.Watch.WasMemberWithin(freshness));
            await _run.Wait(servesAfter - 0.1);
            Assert.False(await _run.Watch.WasMemberWithin(freshness));
            await _run.Wait(0.2);
        }

        Assert.True(await _run.Watch.WasMemberWithin(freshness));
    });

    /// <summary>Its activation may be one that the cluster has replaced, and go on with this turn after it was given up.</summary>
    [Fact]
    public void A_turn_that_began_before_its_process_serves_is_refused_however_long_it_lasts() => _run.Run(async () =>
    {
        var freshness = TimeSpan.FromSeconds(5);
        await _run.Wait(60.5);
        _run.Table = _run.Table with { Version = 8 };
        await _run.Wait(15);
        _run.KnownVersion = 8;
        await _run.Watch.UnchangedFor(freshness, 8);
        await _run.Wait(4.9);
        var begun = _run.Timestamp;
        await _run.Wait(0.2);

        Assert.False(await _run.Watch.WasMemberWithin(freshness, begun));
        Assert.True(await _run.Watch.WasMemberWithin(freshness, _run.Timestamp));
    });

    /// <summary>What it has not given up yet is no less elsewhere by the next change.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_member_that_hears_late_is_no_sooner_one_because_of_another_change(bool hearsBetween) => _run.Run(async () =>
    {
        var freshness = TimeSpan.FromSeconds(5);
        await _run.Wait(60.5);
        _run.Table = _run.Table with { Version = 8 };
        await _run.Wait(15);
        _run.KnownVersion = hearsBetween ? 8 : 7;
        await _run.Wait(1.1);
        _run.Table = _run.Table with { Version = 9 };
        _run.KnownVersion = 9;

        Assert.False(await _run.Watch.WasMemberWithin(freshness));
        await _run.Wait(5.1);
        Assert.True(await _run.Watch.WasMemberWithin(freshness));
    });
}
