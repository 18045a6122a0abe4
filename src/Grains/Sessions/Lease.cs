namespace SessionCluster.Sessions;

/// <summary>
/// A session grain's right to answer from memory. It counts from before the question was sent, and is over when either the
/// monotonic or the wall clock says so: a machine that slept, or a clock set back, makes it shorter, never longer. The default
/// is a lease that was over long ago.
/// </summary>
public readonly record struct Lease
{
    private readonly long _timestamp;

    /// <summary>Ticks of UTC, which take half the memory.</summary>
    private readonly long _wall;

    private Lease(long timestamp, long wall) => (_timestamp, _wall) = (timestamp, wall);

    /// <summary>The lease that the answer to a question may grant; made before the user's grain is asked.</summary>
    public static Lease Asking(TimeProvider time) => new(time.GetTimestamp(), time.GetUtcNow().UtcTicks);

    /// <summary>How much of the lease is left, by the clock that says less; zero or less when it is over.</summary>
    public TimeSpan Rest(TimeProvider time, TimeSpan length, DateTimeOffset now)
    {
        var passed = TimeSpan.FromTicks(now.UtcTicks - _wall);
        if (passed < TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var elapsed = time.GetElapsedTime(_timestamp);
        return length - (elapsed > passed ? elapsed : passed);
    }
}
