namespace SessionCluster.Sessions;

/// <summary>What time does to a session; the boundary is the same everywhere: valid while now is before the end.</summary>
public static class SessionClock
{
    /// <summary>Longest that a use waits to be stored.</summary>
    public static readonly TimeSpan MaxUnstored = TimeSpan.FromSeconds(60);

    /// <summary>Why the session is over at <paramref name="now"/>, or null. Its absolute end comes before its idle timeout.</summary>
    public static EndReason? Over(SessionV1 session, DateTimeOffset now)
    {
        if (now >= session.Expires)
        {
            return EndReason.Expired;
        }

        return session.IdleMicros > 0 && now >= IdleEnd(session) ? EndReason.Idle : null;
    }

    /// <summary>How far the stored last use of a session in use may be behind: 60 seconds, or a tenth of the idle timeout where that is less.</summary>
    public static TimeSpan StoreAfter(SessionV1 session)
    {
        var idleShare = TimeSpan.FromMicroseconds(session.IdleMicros) / 10;
        return idleShare > TimeSpan.Zero && idleShare < MaxUnstored ? idleShare : MaxUnstored;
    }

    /// <summary>When the session is over unless it is used: at its absolute end, or before that when its idle time ends.</summary>
    public static DateTimeOffset End(SessionV1 session) =>
        session.IdleMicros > 0 && IdleEnd(session) < session.Expires ? IdleEnd(session) : session.Expires;

    private static DateTimeOffset IdleEnd(SessionV1 session)
    {
        var idle = TimeSpan.FromMicroseconds(session.IdleMicros);
        return idle >= DateTimeOffset.MaxValue - session.LastUsed ? DateTimeOffset.MaxValue : session.LastUsed + idle;
    }
}
