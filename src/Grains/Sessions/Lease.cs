namespace SessionCluster.Sessions;

/// <summary>
/// A session grain's right to answer from memory. It counts from before the question was sent, and is over when either the
/// monotonic or the wall clock says so: a machine that slept, or a clock set back, makes it shorter, never longer.
/// </summary>
public struct Lease
{
    // Ticks of UTC; negative while the lease is only asked for, 0 where there is none.
    private long _wall;
    private long _timestamp;

    /// <summary>The moment to count from; taken before the user grain is asked.</summary>
    public static Lease Asking(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new Lease { _timestamp = time.GetTimestamp(), _wall = -time.GetUtcNow().UtcTicks };
    }

    /// <summary>The lease that the answer to that question grants.</summary>
    public readonly Lease Granted() => this with { _wall = Math.Abs(_wall) };

    /// <summary>Whether the lease still holds.</summary>
    public readonly bool Holds(TimeProvider time, TimeSpan length, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(time);
        var passed = now.UtcTicks - _wall;
        return _wall > 0 && passed >= 0 && passed < length.Ticks && time.GetElapsedTime(_timestamp) < length;
    }
}
