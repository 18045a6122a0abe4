namespace SessionCluster.Simulation;

/// <summary>
/// The clock of one machine: its wall may be set, and its monotonic side stands still while the machine sleeps. Timers that are due meanwhile
/// fire when it wakes.
/// </summary>
internal sealed class SimClock(SimTime time) : TimeProvider
{
    /// <summary>How far its wall is ahead of the true time.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>When the machine fell asleep, while it sleeps.</summary>
    private long? _asleepSince;

    private long _slept;

    public void Sleep() => _asleepSince = time.GetTimestamp();

    public void Wake()
    {
        _slept += time.GetTimestamp() - _asleepSince ?? 0;
        _asleepSince = null;
    }

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + Ahead;

    public override long GetTimestamp() => (_asleepSince ?? time.GetTimestamp()) - _slept;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
