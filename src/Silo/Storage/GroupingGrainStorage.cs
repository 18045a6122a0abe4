namespace SessionCluster.Silo.Storage;

/// <summary>
/// The storage of the grains named "sessions", on either database, and on SQLite also the one named "states". The writes that wait in this process go together as one transaction.
/// The etag is the row's version as decimal text; every write raises it by one. A ledger's write is the commit of all it carries; a
/// session is only updated, since its ledger inserts and deletes it. A write leaves the state object as it was given.
/// </summary>
internal sealed class GroupingGrainStorage(IDatabase database, TimeProvider time) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var kind = StateTypes.KindOf<T>(stateName);
        var known = kind == StateKind.Ledger ? VersionOf(grainState.ETag) : null;
        var stored = await database.Read(new StateQuery(kind, stateName, KeyOf(grainId), known));
        if (known is not null && stored?.Version == known)
        {
            return;
        }

        grainState.State = stored?.Payload is { } payload ? Read<T>(payload, stored) : Activator.CreateInstance<T>();
        grainState.ETag = EtagOf(stored?.Version);
        grainState.RecordExists = stored?.Payload is not null;
    }

    /// <exception cref="InconsistentStateException">The row is at another version than the etag; nothing was written.</exception>
    /// <exception cref="InvalidOperationException">A session without a row it was read from, or a state of another grain.</exception>
    /// <exception cref="StorageUnavailableException">It failed; the exception says whether it may have taken effect.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Write(stateName, grainState, ChangeOf(stateName, grainId, grainState));
        grainState.RecordExists = true;
    }

    /// <exception cref="InconsistentStateException">The row is at another version than the etag; nothing was cleared.</exception>
    /// <exception cref="InvalidOperationException">Ledgers and sessions are not cleared.</exception>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (StateTypes.KindOf<T>(stateName) != StateKind.Plain)
        {
            throw new InvalidOperationException($"The state {stateName} is never cleared: sessions end by a ledger's write, and ledgers stay.");
        }

        if (VersionOf(grainState.ETag) is { } version)
        {
            await Write(stateName, grainState, new PlainChange(stateName, KeyOf(grainId), version, null, UnixMicros.From(time.GetUtcNow())));
        }

        grainState.State = Activator.CreateInstance<T>();
        grainState.RecordExists = false;
    }

    private async Task Write<T>(string stateName, IGrainState<T> grainState, StateChange change)
    {
        grainState.ETag = EtagOf(await database.Write(change)) ?? throw new InconsistentStateException(
            $"The {stateName} row is not at version {grainState.ETag ?? "none"}; nothing was written.", "another", grainState.ETag);
    }

    private StateChange ChangeOf<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var expected = VersionOf(grainState.ETag);
        switch (StateTypes.KindOf<T>(stateName), grainState.State)
        {
            case (StateKind.Ledger, LedgerV1 ledger):
                var user = UserId.FromGrainKey(KeyOf(grainId));
                return new LedgerChange(user.Value, expected, LedgerRows.From(ledger).Of(user));
            case (StateKind.Session, SessionV1 session) when SessionId.FromGrainKey(KeyOf(grainId)).Value != session.Id:
                throw new InvalidOperationException("The state of a session grain must be of its own session.");
            case (StateKind.Session, SessionV1 session):
                return new SessionChange(
                    expected ?? throw new InvalidOperationException("A session is inserted by its user's ledger write only."), SessionRow.From(session));
            default:
                var payload = JsonSerializer.Serialize(grainState.State!, StateTypes.JsonOf<T>());
                return new PlainChange(stateName, KeyOf(grainId), expected, payload, UnixMicros.From(time.GetUtcNow()));
        }
    }

    private static T Read<T>(string payload, StoredState stored)
    {
        var state = JsonSerializer.Deserialize(payload, StateTypes.JsonOf<T>())!;
        return state is LedgerV1 ledger
            ? (T)(object)(ledger with
            {
                Stored = new StoredSessions(
                    [.. stored.Live.Select(SessionRow.Read)],
                    [.. stored.EndedLately.Select(row => JsonSerializer.Deserialize(row, StateJson.Default.EndedV1)!)]),
            })
            : state;
    }

    private static string KeyOf(GrainId grainId) => grainId.Key.ToString()!;

    private static string? EtagOf(long? version) => version?.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="ArgumentException">The text is not an etag of this storage.</exception>
    private static long? VersionOf(string? etag)
    {
        if (etag is null)
        {
            return null;
        }

        return long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw new ArgumentException("Not an etag of this storage.", nameof(etag));
    }
}
