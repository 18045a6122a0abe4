using System.Text.Json;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>What the write of a ledger puts into rows: its own, the born and the dead sessions', and the journal's.</summary>
/// <param name="Payload">The ledger without its change, as JSON.</param>
/// <param name="Born">Sessions to insert.</param>
/// <param name="Dead">Sessions to delete, and what is kept of them.</param>
/// <param name="Journal">Events to append.</param>
internal sealed record LedgerRows(string Payload, SessionRow[] Born, EndedRow[] Dead, EventRow[] Journal)
{
    public static LedgerRows From(LedgerV1 ledger) => new(
        JsonSerializer.Serialize(ledger with { Born = [], Dead = [], Journal = [] }, StateJson.Default.LedgerV1),
        [.. ledger.Born.Select(SessionRow.From)],
        [.. ledger.Dead.Select(EndedRow.From)],
        [.. ledger.Journal.Select(EventRow.From)]);

    /// <exception cref="InvalidOperationException">A born session is another user's.</exception>
    public LedgerRows Of(UserId user) => Born.All(row => string.Equals(row.UserPk, user.Value, StringComparison.Ordinal))
        ? this
        : throw new InvalidOperationException("A ledger can only bear sessions of its own user.");
}

/// <summary>An ended session as its row holds it.</summary>
internal sealed record EndedRow(Guid Id, long Revision, long EndedAt, string Payload)
{
    public static EndedRow From(EndedV1 ended) => new(
        ended.Id, ended.Revision, UnixMicros.From(ended.EndedAt), JsonSerializer.Serialize(ended, StateJson.Default.EndedV1));
}

/// <summary>An event as its row holds it.</summary>
internal sealed record EventRow(
    Guid Pk,
    string Action,
    string UserPk,
    string Username,
    string Email,
    string Name,
    string? ClientIp,
    Guid? Session,
    long Created,
    string Context)
{
    public static EventRow From(EventV1 entry) => new(
        entry.Pk, entry.Action, entry.UserPk, entry.Username, entry.Email, entry.Name, entry.ClientIp, entry.Session,
        UnixMicros.From(entry.Created), entry.Context);
}
