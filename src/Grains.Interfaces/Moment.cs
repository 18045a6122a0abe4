namespace SessionCluster;

/// <summary>
/// A moment read from both the monotonic and the wall clock. Its age is the longer of the two, so sleep or a clock that was set can only make it
/// older; a wall clock set back before the moment makes it infinitely old. The default is long ago.
/// </summary>
public readonly record struct Moment
{
    private readonly long _timestamp;

    /// <summary>Ticks of UTC, which take half the memory.</summary>
    private readonly long _wall;

    private Moment(long timestamp, long wall) => (_timestamp, _wall) = (timestamp, wall);

    /// <summary>The monotonic clock.</summary>
    public long Timestamp => _timestamp;

    /// <summary>The wall clock.</summary>
    public DateTimeOffset Wall => new(_wall, TimeSpan.Zero);

    public static Moment Now(TimeProvider time) => new(time.GetTimestamp(), time.GetUtcNow().UtcTicks);

    /// <summary>How long ago it is; <see cref="TimeSpan.MaxValue"/> where the wall clock was set back before it.</summary>
    public TimeSpan Age(TimeProvider time) => Age(Now(time), time);

    /// <summary>How long it is from here until then.</summary>
    public TimeSpan Age(Moment then, TimeProvider time) => then._wall < _wall ? TimeSpan.MaxValue : Longer(then, time);

    /// <summary>How long ago it is by the clock that says more; a wall clock that was set back behind it is left aside.</summary>
    public TimeSpan AtLeast(TimeProvider time) => Longer(Now(time), time);

    /// <summary>Whether what was granted at this moment for <paramref name="length"/> still holds then.</summary>
    public bool Holds(TimeSpan length, Moment then, TimeProvider time) => Age(then, time) < length;

    private TimeSpan Longer(Moment then, TimeProvider time)
    {
        var (passed, elapsed) = (TimeSpan.FromTicks(then._wall - _wall), time.GetElapsedTime(_timestamp, then._timestamp));
        return elapsed > passed ? elapsed : passed;
    }
}
