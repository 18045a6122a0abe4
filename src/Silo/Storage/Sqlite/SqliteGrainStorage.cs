using System.Text.Json;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// States in SQLite. The etag is the row's version as decimal text; every write raises it by one. A ledger's write is the
/// commit of all it carries; a session is updated only, since its ledger inserts and deletes it; everything else is a row of
/// its own. A write leaves the state object as it was given.
/// </summary>
internal sealed class SqliteGrainStorage(SqliteDatabase database) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var stored = await database.Points.Read(link => Read(link, StateTypes.KindOf<T>(stateName), stateName, grainId.Key));
        grainState.State = stored.Payload is null
            ? Activator.CreateInstance<T>()
            : JsonSerializer.Deserialize(stored.Payload, StateTypes.JsonOf<T>())!;
        grainState.ETag = WriteOutcome.ToEtag(stored.Version);
        grainState.RecordExists = stored.Payload is not null;
    }

    /// <exception cref="InconsistentStateException">The row is at another version than the etag; nothing was written.</exception>
    /// <exception cref="InvalidOperationException">A session without a row it was read from: sessions are never inserted here.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var expected = WriteOutcome.FromEtag(grainState.ETag);
        Func<SqliteLink, WriteOutcome> body = StateTypes.KindOf<T>(stateName) switch
        {
            StateKind.Ledger => new LedgerWrite(UserId.FromGrainKey(grainId.Key), expected, ((IGrainState<LedgerV1>)grainState).State).Run,
            StateKind.Session => UpdateOf(SessionId.FromGrainKey(grainId.Key), expected, ((IGrainState<SessionV1>)grainState).State).Run,
            _ => new StateWrite(
                stateName, grainId.Key, expected, JsonSerializer.Serialize(grainState.State, StateTypes.JsonOf<T>()), StateTypes.ExpiryOf(grainState.State)).Run,
        };
        await Write(stateName, grainState, body);
        grainState.RecordExists = true;
    }

    /// <exception cref="InconsistentStateException">The row is at another version than the etag; nothing was cleared.</exception>
    /// <exception cref="InvalidOperationException">Ledgers and sessions are not cleared.</exception>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        StateTypes.RequireClearable<T>(stateName);
        if (grainState.ETag is not null)
        {
            var clearing = new StateWrite(stateName, grainId.Key, WriteOutcome.FromEtag(grainState.ETag), null);
            await Write(stateName, grainState, clearing.Run);
        }

        grainState.State = Activator.CreateInstance<T>();
        grainState.RecordExists = false;
    }

    private async Task Write<T>(string stateName, IGrainState<T> grainState, Func<SqliteLink, WriteOutcome> body)
    {
        var outcome = await database.Writer.Write(body);
        var stored = WriteOutcome.ToEtag(outcome.Version);
        if (!outcome.Written)
        {
            throw new InconsistentStateException(
                $"The {stateName} row is at version {stored ?? "none"}, not {grainState.ETag ?? "none"}; nothing was written.", stored, grainState.ETag);
        }

        grainState.ETag = stored;
    }

    private static SessionUpdate UpdateOf(SessionId id, long? expected, SessionV1 session) =>
        new(StateTypes.RequireUpdate(id, expected, session), session);

    private static (long? Version, string? Payload) Read(SqliteLink link, StateKind kind, string stateName, string key)
    {
        using var reader = kind switch
        {
            StateKind.Ledger => link.Prepared("SELECT version, payload FROM ledger WHERE user_pk = ?1").Query(UserId.FromGrainKey(key).Value),
            StateKind.Session => link.Prepared("SELECT version, payload FROM session WHERE id = ?1")
                .Query(SqliteIds.ToBlob(SessionId.FromGrainKey(key).Value)),
            _ => link.Prepared("SELECT version, payload FROM grain_state WHERE state_name = ?1 AND grain_key = ?2").Query(stateName, key),
        };
        return reader.Read() ? (reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetString(1)) : (null, null);
    }
}
