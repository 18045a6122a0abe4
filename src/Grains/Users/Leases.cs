using System.Collections.Immutable;
using SessionCluster.Sessions;

namespace SessionCluster.Users;

/// <summary>
/// The leases that one activation of a user grain granted, and so which sessions may still answer from memory after an ending.
/// A session grain counts its lease from before it asked, so by this clock every lease is over <c>length</c> after its grant.
/// </summary>
/// <param name="time">The clock; only its monotonic side is used.</param>
/// <param name="length">L, the length of a lease.</param>
/// <param name="maxUnknown">Up to this many sessions of unknown state are told; more are waited out.</param>
public sealed class Leases(TimeProvider time, TimeSpan length, int maxUnknown)
{
    private readonly long _since = time.GetTimestamp();

    /// <summary>Notes a lease granted now.</summary>
    public void Grant(LiveSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        session.LeaseGranted = time.GetTimestamp();
    }

    /// <summary>
    /// The sessions among these that may hold a lease. While this activation is younger than a lease, one before it may have
    /// granted some that it does not know: then all are told, or, where they are many, waited out.
    /// </summary>
    public (ImmutableArray<SessionId> MayHold, bool WaitOut) HoldersAmong(IReadOnlyCollection<LiveSession> sessions)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        if (time.GetElapsedTime(_since) >= length)
        {
            return ([.. sessions.Where(Holds).Select(s => s.Id)], false);
        }

        return Unknown([.. sessions.Select(s => s.Id)]);
    }

    /// <summary>What to do about sessions of which nothing is known, as on the repeat of an earlier ending.</summary>
    public (ImmutableArray<SessionId> MayHold, bool WaitOut) Unknown(ImmutableArray<SessionId> sessions) =>
        sessions.Length > maxUnknown ? ([], true) : (sessions, false);

    private bool Holds(LiveSession session) =>
        session.LeaseGranted is { } granted && time.GetElapsedTime(granted) <= length;
}
