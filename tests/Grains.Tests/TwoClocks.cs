namespace SessionCluster.Grains.Tests;

/// <summary>
/// A clock that moves only when told to. FakeTimeProvider's two sides move together always; leases end by whichever is ahead, so here
/// the wall clock can be set while timers and stamps go on.
/// </summary>
internal sealed class TwoClocks() : FakeTimeProvider(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero))
{
    private TimeSpan _set;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _set;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public void SetWallClock(TimeSpan by) => _set += by;
}
