using System.Globalization;
using Npgsql;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// States in PostgreSQL for the embedded engine, in the rows that Orleans' provider keeps them in. The etag is the row's version as
/// decimal text; every write raises it by one. A write leaves the state object as it was given.
/// </summary>
internal sealed class PostgreSqlGrainStorage(PostgreSqlWriter writer, PostgreSqlReader reader) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var stored = await Read<T>(stateName, grainId);
        grainState.State = stored?.Payload is { } payload ? StateDocument.Read<T>(payload) : Activator.CreateInstance<T>();
        grainState.ETag = WriteOutcome.ToEtag(stored?.Version);
        grainState.RecordExists = stored?.Payload is not null;
    }

    /// <exception cref="InconsistentStateException">The row is at another version than the etag; nothing was written.</exception>
    /// <exception cref="InvalidOperationException">A session without a row it was read from: sessions are never inserted here.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var expected = Version(grainState.ETag);
        StateChange change = StateTypes.KindOf<T>(stateName) switch
        {
            StateKind.Ledger => Ledger(grainId.Key, expected, ((IGrainState<LedgerV1>)grainState).State),
            StateKind.Session => Session(grainId.Key, expected, ((IGrainState<SessionV1>)grainState).State),
            _ => new DocumentChange(stateName, grainId.Key, expected, StateDocument.Write(grainState.State), grainId.Key),
        };
        await Write(stateName, grainId, change, grainState);
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
            await Write(stateName, grainId, new DocumentChange(stateName, grainId.Key, Version(grainState.ETag), null, grainId.Key), grainState);
        }

        grainState.State = Activator.CreateInstance<T>();
        grainState.RecordExists = false;
    }

    private static LedgerChange Ledger(string key, int? expected, LedgerV1 ledger)
    {
        var user = UserId.FromGrainKey(key);
        return new LedgerChange(user.Value, expected, LedgerRows.From(ledger).Of(user));
    }

    private static DocumentChange Session(string key, int? expected, SessionV1 session)
    {
        StateTypes.RequireUpdate(SessionId.FromGrainKey(key), expected, session);
        return new DocumentChange(SessionV1.StateName, key, expected, StateDocument.Write(session), session.UserPk);
    }

    private static int? Version(string? etag) => WriteOutcome.FromEtag(etag) is { } version
        ? version <= int.MaxValue ? (int)version : throw new ArgumentException("Not an etag of this storage.", nameof(etag))
        : null;

    private async Task Write<T>(string stateName, GrainId grainId, StateChange change, IGrainState<T> grainState)
    {
        int? version;
        try
        {
            version = await writer.Write(change);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgreSqlWriter.RuleBroken)
        {
            throw new InvalidOperationException(refused.MessageText, refused);
        }

        if (version is null)
        {
            var stored = WriteOutcome.ToEtag((await Read<T>(stateName, grainId))?.Version);
            throw new InconsistentStateException(
                $"The {stateName} row is at version {stored ?? "none"}, not {grainState.ETag ?? "none"}; nothing was written.", stored, grainState.ETag);
        }

        grainState.ETag = version.Value.ToString(CultureInfo.InvariantCulture);
    }

    private Task<StoredState?> Read<T>(string stateName, GrainId grainId) => reader.Read(StateTypes.KindOf<T>(stateName), stateName, grainId.Key);
}
