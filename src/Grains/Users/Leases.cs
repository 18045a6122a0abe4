namespace SessionCluster.Users;

/// <summary>
/// The leases that one activation of a user grain granted, and so which sessions may still answer from memory after an ending.
/// A session grain counts its lease from before it asked, so by the monotonic clock of this process every lease is over L after its grant.
/// </summary>
public sealed class Leases(UserGrainServices services)
{
    private long _since = services.Time.GetTimestamp();

    /// <summary>
    /// Sessions that ended less than F + L ago, with whether they may hold a lease of this activation: of the leases of another one
    /// nothing is known here. Null when there are none.
    /// </summary>
    private Dictionary<SessionId, (long Since, bool MayHold)>? _fading;

    /// <summary>
    /// The activation begins. It was made before it was registered, and until then another one may have granted leases.
    /// </summary>
    public void Begin() => _since = services.Time.GetTimestamp();

    /// <summary>Notes a lease granted now.</summary>
    public void Grant(LiveSession session) => session.LeaseGranted = services.Time.GetTimestamp();

    /// <summary>True while leases from before this activation may go on, of which it knows nothing.</summary>
    private bool IsYoung => services.Time.GetElapsedTime(_since) < services.LeaseLength;

    /// <summary>Notes that a session is gone by a commit; whatever lease it holds goes on until it is told or over.</summary>
    public void Ended(LiveSession session) => Fade(session.Id, IsYoung || Holds(session));

    /// <summary>Notes sessions that another activation ended; nothing is known of their leases.</summary>
    public void EndedElsewhere(IEnumerable<SessionId> sessions)
    {
        foreach (var id in sessions)
        {
            Fade(id, mayHold: true);
        }
    }

    /// <summary>
    /// The ending to tell after a commit. While this activation is younger than a lease, one before it may have granted some that it does
    /// not know: then all are told, or, where they are many, waited out.
    /// </summary>
    /// <param name="revision">The ledger's revision.</param>
    /// <param name="at">The moment of the commit.</param>
    /// <param name="chosen">Which of those that ended a moment ago the caller takes for ended too.</param>
    /// <param name="membership">The membership version that had settled when the turn began.</param>
    public Ending EndingOf(long revision, DateTimeOffset at, IReadOnlyCollection<LiveSession> sessions, Func<SessionId, bool> chosen, long membership)
    {
        var (earlier, fading) = Fading(chosen);
        var (mayHold, waitOut) = IsYoung
            ? Unknown([.. sessions.Select(s => s.Id), .. fading])
            : ([.. sessions.Where(Holds).Select(s => s.Id), .. fading], false);
        return new Ending(revision, at, [.. sessions.Select(s => s.Id)], mayHold, waitOut, membership, earlier);
    }

    /// <summary>
    /// The ending to tell when an earlier one is repeated: its sessions, of whose leases nothing is known any more, and all that ended a
    /// moment ago, since the ending may have rested on those being gone.
    /// </summary>
    /// <param name="revision">The ledger's revision at the earlier one.</param>
    /// <param name="membership">The membership version that had settled when the turn began.</param>
    public Ending EndingAgain(long revision, DateTimeOffset at, ImmutableArray<SessionId> ended, long membership)
    {
        var (earlier, fading) = Fading(_ => true);
        var (mayHold, waitOut) = Unknown([.. ended.Union(fading)]);
        return new Ending(revision, at, ended, mayHold, waitOut, membership, earlier);
    }

    private (ImmutableArray<SessionId> MayHold, bool WaitOut) Unknown(ImmutableArray<SessionId> sessions) =>
        sessions.Length > services.LeaseOptions.MaxUnknownTold ? ([], true) : (sessions, false);

    private void Fade(SessionId session, bool mayHold) => (_fading ??= [])[session] = (services.Time.GetTimestamp(), mayHold);

    /// <summary>Whether there are chosen sessions among those that ended a moment ago, and which of these may hold a lease.</summary>
    private (bool Any, SessionId[] MayHold) Fading(Func<SessionId, bool> chosen)
    {
        // F + L after an ending no activation answers from memory any more.
        var longest = services.Bound;
        foreach (var (id, _) in _fading?.Where(f => services.Time.GetElapsedTime(f.Value.Since) > longest).ToArray() ?? [])
        {
            _fading!.Remove(id);
        }

        _fading = _fading is { Count: > 0 } ? _fading : null;
        var fading = _fading?.Where(f => chosen(f.Key)).ToArray() ?? [];
        return (fading.Length > 0, [.. fading.Where(f => f.Value.MayHold).Select(f => f.Key)]);
    }

    private bool Holds(LiveSession session) =>
        session.LeaseGranted != LiveSession.Never && services.Time.GetElapsedTime(session.LeaseGranted) <= services.LeaseLength;
}
