using System.Collections.Immutable;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>What a storage operation does under this seed.</summary>
internal enum StorageFault
{
    None,

    /// <summary>Fails and writes nothing.</summary>
    BeforeWrite,

    /// <summary>Writes, then fails: the writer cannot know.</summary>
    AfterWrite,

    /// <summary>Fails at once and may still write later, if its condition holds then.</summary>
    LandsLater,
}

/// <summary>One committed ledger write.</summary>
internal sealed record Commit(UserId User, DateTimeOffset At, LedgerV1 Ledger);

/// <summary>
/// The database of all nodes: conditional writes, each with the sessions that it creates and ends and its events in one step of the simulation. Answers
/// come late, in any order, or not at all.
/// </summary>
internal sealed class SimStorage(Random random, SimTime time) : IGrainStorage, IEndedSessions
{
    private readonly Dictionary<string, (long Version, LedgerV1 State)> _ledgers = [];
    private readonly Dictionary<Guid, (long Version, SessionV1 State)> _sessions = [];
    private readonly Dictionary<Guid, (string User, EndedV1 State)> _ended = [];

    /// <summary>Everything committed, in order.</summary>
    public List<Commit> Commits { get; } = [];

    /// <summary>When a write last failed; a last use may have been lost by it.</summary>
    public TimeSpan? LastFault { get; private set; }

    /// <summary>Hears of each ledger write as it takes effect.</summary>
    public Action<LedgerV1> Committed { get; set; } = static _ => { };

    /// <summary>Chance of a fault for each write.</summary>
    public double FaultRate { get; set; }

    /// <summary>One operation in so many is slow: by up to seven seconds before it takes effect, or after.</summary>
    public int SlowOneIn { get; set; } = int.MaxValue;

    /// <summary>Mutants: what the database itself does wrong.</summary>
    public bool IgnoresVersions { get; init; }

    public bool UpdateInserts { get; init; }

    public bool SplitsWrites { get; init; }

    public IEnumerable<SessionV1> Rows => _sessions.Values.Select(s => s.State);

    public bool IsLive(SessionId id) => _sessions.ContainsKey(id.Value);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Latency();
        var (version, state) = stateName switch
        {
            LedgerV1.StateName => FindLedger($"{grainId.Key}"),
            SessionV1.StateName => _sessions.TryGetValue(SessionId.FromGrainKey($"{grainId.Key}").Value, out var session) ? session : (0, null),
            _ => throw new NotSupportedException(stateName),
        };
        var etag = state is null ? null : $"{version}";
        // As the real storage: who knows this version of a ledger already gets nothing.
        if (stateName != LedgerV1.StateName || etag is null || etag != grainState.ETag)
        {
            grainState.ETag = etag;
            grainState.RecordExists = state is not null;
            grainState.State = state is null ? Activator.CreateInstance<T>() : (T)state;
        }

        await Latency();
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var state = (object)grainState.State!;
        var etag = grainState.ETag;
        await Latency();
        var fault = random.NextDouble() < FaultRate ? (StorageFault)random.Next(1, 4) : StorageFault.None;
        LastFault = fault == StorageFault.None ? LastFault : time.Elapsed;
        if (fault == StorageFault.LandsLater)
        {
            // Mostly soon, so that a history sees much of it.
            time.After(TimeSpan.FromMilliseconds(random.Next(1, random.Next(4) == 0 ? 30_000 : 8000)), () => TryWrite(grainId, state, etag, out _));
        }

        if (fault is StorageFault.BeforeWrite or StorageFault.LandsLater && random.Next(8) == 0)
        {
            // As long as a statement may take until it is given up.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 15_000)), time);
        }

        if (fault is StorageFault.BeforeWrite or StorageFault.LandsLater)
        {
            throw new IOException("The simulated database failed.");
        }

        var written = TryWrite(grainId, state, etag, out var next);
        await Latency();
        if (fault == StorageFault.AfterWrite)
        {
            throw new IOException("The simulated database failed after its write.");
        }

        if (!written)
        {
            throw new InconsistentStateException("Another version is stored.", next, etag);
        }

        grainState.ETag = next;
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        throw new NotSupportedException("No grain of ours clears a state.");

    public async Task<EndedSession?> Find(SessionId id, DateTimeOffset since)
    {
        await Latency();
        return _ended.TryGetValue(id.Value, out var ended) && ended.State.EndedAt >= since ? ended.State.ToEndedSession(new UserId(ended.User)) : null;
    }

    public async Task<ImmutableArray<SessionId>> OfRevision(UserId user, long revision)
    {
        await Latency();
        return [.. _ended.Values.Where(e => e.User == user.Value && e.State.Revision == revision).Select(e => new SessionId(e.State.Id))];
    }

    /// <summary>A ledger with the session rows that belong to it, of one moment.</summary>
    private (long Version, object? State) FindLedger(string key)
    {
        if (!_ledgers.TryGetValue(key, out var ledger))
        {
            return (0, null);
        }

        var user = UserId.FromGrainKey(key).Value;
        var since = time.GetUtcNow() - StoredSessions.LookedBack;
        var stored = new StoredSessions(
            [.. Rows.Where(s => s.UserPk == user).OrderBy(s => s.Created)],
            [.. _ended.Values.Where(e => e.User == user && e.State.EndedAt > since).Select(e => e.State)]);
        return (ledger.Version, ledger.State with { Stored = stored });
    }

    private Task Latency() => Task.Delay(TimeSpan.FromMicroseconds(random.Next(1, random.Next(SlowOneIn) == 0 ? 7_000_000 : 3000)), time);

    private bool TryWrite(GrainId grain, object state, string? etag, out string next) => state switch
    {
        LedgerV1 ledger => TryWriteLedger($"{grain.Key}", ledger, etag, out next),
        SessionV1 session => TryWriteSession(session, etag, out next),
        _ => throw new NotSupportedException(state.GetType().Name),
    };

    private bool TryWriteLedger(string key, LedgerV1 ledger, string? etag, out string next)
    {
        var version = _ledgers.TryGetValue(key, out var stored) ? stored.Version : 0;
        next = $"{version}";
        if (!IgnoresVersions && (version == 0 ? null : next) != etag)
        {
            return false;
        }

        next = $"{version + 1}";
        var user = UserId.FromGrainKey(key);
        _ledgers[key] = (version + 1, ledger.AtRest());
        foreach (var created in ledger.Created)
        {
            _sessions.TryAdd(created.Id, (1, created));
        }

        foreach (var ended in ledger.Ended)
        {
            if (SplitsWrites && random.Next(4) == 0)
            {
                continue;
            }

            _sessions.Remove(ended.Id);
            _ended.TryAdd(ended.Id, (user.Value, ended));
        }

        Commits.Add(new Commit(user, time.GetUtcNow(), ledger));
        Committed(ledger);
        return true;
    }

    private bool TryWriteSession(SessionV1 session, string? etag, out string next)
    {
        var exists = _sessions.TryGetValue(session.Id, out var stored);
        next = $"{stored.Version + 1}";
        if (!(exists && $"{stored.Version}" == etag) && !(UpdateInserts && !exists))
        {
            return false;
        }

        _sessions[session.Id] = (stored.Version + 1, session);
        return true;
    }
}
