using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Users;

/// <summary>
/// What a user grain holds in memory of each live session of its user: the rows minus what only the session grain needs.
/// Changed only after a commit, or by a report of a session grain.
/// </summary>
public sealed class LiveSessions(Leases leases)
{
    private Dictionary<SessionId, LiveSession> _sessions = [];

    /// <summary>Which of them may answer from memory.</summary>
    public Leases Leases => leases;

    public IReadOnlyCollection<LiveSession> All => _sessions.Values;

    public bool TryGet(SessionId id, [MaybeNullWhen(false)] out LiveSession session) => _sessions.TryGetValue(id, out session);

    /// <summary>
    /// Replaces everything by what is stored; leases granted before are kept for sessions that are still there, and known of those that are
    /// gone: another activation ended them, or a write that failed and took effect late.
    /// </summary>
    public void Load(IEnumerable<SessionV1> rows)
    {
        var before = _sessions;
        _sessions = rows.Select(row => before.GetValueOrDefault(new SessionId(row.Id)) ?? new LiveSession(row)).ToDictionary(session => session.Id);
        foreach (var gone in before.Values.Where(session => !_sessions.ContainsKey(session.Id)))
        {
            leases.Ended(gone);
        }
    }

    /// <summary>Takes over a committed change.</summary>
    public void Apply(LedgerV1 change)
    {
        foreach (var ended in change.Ended)
        {
            if (_sessions.Remove(new SessionId(ended.Id), out var gone))
            {
                leases.Ended(gone);
            }
        }

        foreach (var created in change.Created)
        {
            var session = new LiveSession(created);
            _sessions[session.Id] = session;
        }
    }
}

/// <summary>One live session in its user grain's memory.</summary>
/// <param name="row">The stored row that it comes from.</param>
public sealed class LiveSession(SessionV1 row)
{
    /// <summary>No timestamp. A nullable one takes twice the memory.</summary>
    public const long Never = long.MinValue;

    public SessionId Id { get; } = new(row.Id);

    /// <summary>The user as this session's login named it.</summary>
    public UserFacts User { get; } = row.ToUserFacts();

    public DateTimeOffset Created { get; } = row.Created;

    public DateTimeOffset Expires { get; } = row.Expires;

    /// <summary>The last accepted address, as stored or as its session grain reported since.</summary>
    public string LastIp { get; set; } = row.LastIp;

    /// <summary>When this activation last granted a lease, as a timestamp of the TimeProvider; <see cref="Never"/> when it did not.</summary>
    public long LeaseGranted { get; set; } = Never;
}
