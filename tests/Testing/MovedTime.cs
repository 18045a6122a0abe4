namespace SessionCluster.Testing;

/// <summary>The system's clock, moved forward as a test says; timers and stamps stay the system's.</summary>
public sealed class MovedTime : TimeProvider
{
    private long _ticks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ticks));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
