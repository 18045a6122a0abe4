namespace SessionCluster.Silo.Storage;

/// <summary>What the write of a ledger puts into rows: its own, and those of the sessions and events that it carries.</summary>
/// <param name="Payload">The ledger without its change, as JSON.</param>
/// <param name="Ended">Sessions to delete, and what is kept of them.</param>
internal sealed record LedgerRows(string Payload, SessionRow[] Created, EndedRow[] Ended, EventInfo[] Events)
{
    public static LedgerRows From(LedgerV1 ledger) => new(
        JsonSerializer.Serialize(ledger, StateJson.Default.LedgerV1),
        [.. ledger.Created.Select(SessionRow.From)],
        [.. ledger.Ended.Select(EndedRow.From)],
        [.. ledger.Events]);

    /// <exception cref="InvalidOperationException">A created session is another user's.</exception>
    public LedgerRows Of(UserId user) => Created.All(row => string.Equals(row.Session.UserPk, user.Value, StringComparison.Ordinal))
        ? this
        : throw new InvalidOperationException("A ledger can only create sessions of its own user.");
}

/// <summary>An ended session with its text, as its row holds it.</summary>
internal sealed record EndedRow(EndedV1 Ended, string Payload)
{
    public static EndedRow From(EndedV1 ended) => new(ended, JsonSerializer.Serialize(ended, StateJson.Default.EndedV1));
}
