namespace SessionCluster.Sessions;

/// <summary>
/// A session grain's right to answer from memory. It counts from before the question was sent, and is over when either the
/// monotonic or the wall clock says so: a machine that slept, or a clock set back, makes it shorter, never longer.
/// </summary>
public readonly record struct Lease
{
    private readonly bool _granted;
    private readonly long _timestamp;
    private readonly DateTimeOffset _wall;

    private Lease(bool granted, long timestamp, DateTimeOffset wall) => (_granted, _timestamp, _wall) = (granted, timestamp, wall);

    /// <summary>The moment to count from; taken before the user grain is asked.</summary>
    public static Lease Asking(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new Lease(false, time.GetTimestamp(), time.GetUtcNow());
    }

    /// <summary>The lease that the answer to that question grants.</summary>
    public Lease Granted() => new(true, _timestamp, _wall);

    /// <summary>How much of the lease is left, by the clock that says less; zero or less when it is over, or was never granted.</summary>
    public TimeSpan Rest(TimeProvider time, TimeSpan length, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(time);
        var passed = now - _wall;
        if (!_granted || passed < TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var elapsed = time.GetElapsedTime(_timestamp);
        return length - (elapsed > passed ? elapsed : passed);
    }
}
