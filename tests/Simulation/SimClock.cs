namespace SessionCluster.Simulation;

/// <summary>The clock of one machine: its monotonic side runs as all do, its wall may be set.</summary>
internal sealed class SimClock(SimTime time) : TimeProvider
{
    /// <summary>How far its wall is ahead of the true time.</summary>
    public TimeSpan Ahead { get; set; }

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Ahead;

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
