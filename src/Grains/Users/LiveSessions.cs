using System.Diagnostics.CodeAnalysis;
using SessionCluster.Sessions;

namespace SessionCluster.Users;

/// <summary>
/// What a user grain holds in memory of each live session of its user: the rows minus what only the session grain needs.
/// Changed only after a commit, or by a report of a session grain.
/// </summary>
public sealed class LiveSessions(Leases leases)
{
    private SessionTable _sessions;

    /// <summary>Which of them may answer from memory.</summary>
    public Leases Leases => leases;

    public int Count => _sessions.All.Count;

    public IReadOnlyCollection<LiveSession> All => _sessions.All;

    public bool TryGet(SessionId id, [MaybeNullWhen(false)] out LiveSession session) => _sessions.TryGet(id, out session);

    /// <summary>Replaces everything by what is stored; leases granted before are kept for sessions that are still there.</summary>
    public void Load(IEnumerable<SessionV1> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var before = _sessions.All.ToDictionary(session => session.Id);
        _sessions.Clear();
        foreach (var row in rows)
        {
            if (before.TryGetValue(new SessionId(row.Id), out var known))
            {
                _sessions.Set(known);
            }
            else
            {
                Add(row);
            }
        }
    }

    /// <summary>Takes over a committed change.</summary>
    public void Apply(LedgerV1 change)
    {
        ArgumentNullException.ThrowIfNull(change);
        foreach (var ended in change.Ended)
        {
            if (_sessions.Remove(new SessionId(ended.Id)) is { } gone)
            {
                leases.Ended(gone);
            }
        }

        foreach (var created in change.Created)
        {
            Add(created);
        }
    }

    private void Add(SessionV1 row) =>
        _sessions.Set(new LiveSession(new SessionId(row.Id), row.User, row.Created, row.Expires) { LastIp = row.LastIp });
}

/// <summary>One live session in its user grain's memory.</summary>
public sealed class LiveSession(SessionId id, PackedFacts user, DateTimeOffset created, DateTimeOffset expires)
{
    private const long Never = long.MinValue;

    // Ticks of UTC: half of what the moments themselves take.
    private readonly long _created = created.UtcTicks;
    private readonly long _expires = expires.UtcTicks;
    private long _granted = Never;

    public SessionId Id { get; } = id;

    /// <summary>The user as this session's login named it.</summary>
    public PackedFacts User { get; } = user;

    public DateTimeOffset Created => new(_created, TimeSpan.Zero);

    public DateTimeOffset Expires => new(_expires, TimeSpan.Zero);

    /// <summary>The last accepted address, as stored or as its session grain reported since.</summary>
    public string LastIp
    {
        get;
        // An equal one stays what it is: the session's own grain has that object too.
        set => field = field == value ? field : value;
    } = "";

    /// <summary>When this activation last granted a lease, as a timestamp of the TimeProvider; null when it never did.</summary>
    public long? LeaseGranted
    {
        get => _granted == Never ? null : _granted;
        set => _granted = value ?? Never;
    }
}
