namespace SessionCluster.Sessions;

/// <summary>What time does to a session; the boundary is the same everywhere: valid while now is before the end.</summary>
public static class SessionClock
{
    /// <summary>Longest that a use waits to be stored.</summary>
    public static readonly TimeSpan MaxUnstored = TimeSpan.FromSeconds(60);

    /// <summary>How soon a new last accepted address is stored.</summary>
    public static readonly TimeSpan AddressUnstored = TimeSpan.FromSeconds(1);

    /// <summary>Why the session is over at <paramref name="now"/>, or null. Its absolute end comes before its idle timeout.</summary>
    public static EndReason? Over(SessionV1 session, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (now >= session.Expires)
        {
            return EndReason.Expired;
        }

        return session.IdleMicros > 0 && now >= IdleEnd(session) ? EndReason.Idle : null;
    }

    /// <summary>How long a use may wait to be stored: 60 seconds, or a tenth of the idle timeout where that is less.</summary>
    public static TimeSpan FlushAfter(SessionV1 session, bool addressChanged)
    {
        ArgumentNullException.ThrowIfNull(session);
        var longest = addressChanged ? AddressUnstored : MaxUnstored;
        var idleShare = session.IdleMicros == 0 ? longest : TimeSpan.FromMicroseconds(session.IdleMicros) / 10;
        return idleShare < longest ? idleShare : longest;
    }

    private static DateTimeOffset IdleEnd(SessionV1 session)
    {
        var idle = TimeSpan.FromMicroseconds(session.IdleMicros);
        return idle >= DateTimeOffset.MaxValue - session.LastUsed ? DateTimeOffset.MaxValue : session.LastUsed + idle;
    }
}
