using System.Collections.Immutable;

namespace SessionCluster.Users;

/// <summary>
/// The leases that one activation of a user grain granted, and so which sessions may still answer from memory after an ending.
/// A session grain counts its lease from before it asked, so by this clock every lease is over <c>length</c> after its grant.
/// </summary>
/// <param name="bounds">How leases are counted.</param>
public sealed class Leases(LeaseBounds bounds)
{
    private readonly long _since = bounds.Time.GetTimestamp();

    /// <summary>Sessions that have ended and may still hold a lease, with the timestamp from which that lasts the bound at most. Null when there are none.</summary>
    private Dictionary<SessionId, long>? _fading;

    /// <summary>The version of the membership that this process acts on; 0 where there is no cluster.</summary>
    public long Membership => bounds.Membership?.KnownVersion ?? 0;

    /// <summary>Notes a lease granted now.</summary>
    public void Grant(LiveSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        session.LeaseGranted = bounds.Time.GetTimestamp();
    }

    /// <summary>True while leases from before this activation may go on, of which it knows nothing.</summary>
    private bool IsYoung => bounds.Time.GetElapsedTime(_since) < bounds.Length;

    /// <summary>Notes that a session is gone by a commit; whatever lease it holds goes on until it is told or over.</summary>
    public void Ended(LiveSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (IsYoung || Holds(session))
        {
            Fade(session.Id);
        }
    }

    /// <summary>Notes sessions that another activation ended; nothing is known of their leases.</summary>
    public void EndedElsewhere(IEnumerable<SessionId> sessions)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        foreach (var id in sessions)
        {
            Fade(id);
        }
    }

    /// <summary>
    /// The sessions among these that may hold a lease. While this activation is younger than a lease, one before it may have
    /// granted some that it does not know: then all are told, or, where they are many, waited out.
    /// </summary>
    /// <param name="sessions">The sessions that this commit ends.</param>
    /// <param name="chosen">Which of those that ended a moment ago must be told again.</param>
    public (ImmutableArray<SessionId> MayHold, bool WaitOut) HoldersAmong(
        IReadOnlyCollection<LiveSession> sessions, Func<SessionId, bool> chosen)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        var fading = Fading().Where(chosen);
        return IsYoung
            ? Unknown([.. sessions.Select(s => s.Id), .. fading])
            : ([.. sessions.Where(Holds).Select(s => s.Id), .. fading], false);
    }

    /// <summary>
    /// Who is told when an earlier ending is repeated: its sessions, of whose leases nothing is known any more, and all that ended a moment
    /// ago, since the ending may have rested on those being gone.
    /// </summary>
    public (ImmutableArray<SessionId> MayHold, bool WaitOut) HoldersAgain(ImmutableArray<SessionId> ended) =>
        Unknown([.. ended.Union(Fading())]);

    private (ImmutableArray<SessionId> MayHold, bool WaitOut) Unknown(ImmutableArray<SessionId> sessions) =>
        sessions.Length > bounds.MaxUnknown ? ([], true) : (sessions, false);

    private void Fade(SessionId session) => (_fading ??= [])[session] = bounds.Time.GetTimestamp();

    private List<SessionId> Fading()
    {
        foreach (var (id, _) in _fading?.Where(f => bounds.Time.GetElapsedTime(f.Value) > bounds.AfterEnding).ToArray() ?? [])
        {
            _fading!.Remove(id);
        }

        _fading = _fading is { Count: > 0 } ? _fading : null;
        return _fading is null ? [] : [.. _fading.Keys];
    }

    private bool Holds(LiveSession session) =>
        session.LeaseGranted is { } granted && bounds.Time.GetElapsedTime(granted) <= bounds.Length;
}
