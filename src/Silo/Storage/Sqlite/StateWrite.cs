namespace SessionCluster.Silo.Storage;

/// <summary>
/// The write of any other state: one row a state name and key. Clearing takes the payload and leaves the version, so that a
/// version is never given twice and a writer from before the clearing finds a conflict.
/// </summary>
/// <param name="StateName">The name of the state.</param>
/// <param name="GrainKey">The key of the grain.</param>
/// <param name="Expected">The version that the row must have; null when there must be none.</param>
/// <param name="Payload">The state as JSON; null to clear it.</param>
/// <param name="Expires">From when the row may be pruned, in microseconds since 1970; null for never.</param>
internal sealed record StateWrite(string StateName, string GrainKey, long? Expected, string? Payload, long? Expires = null)
{
    public WriteOutcome Run(SqliteLink link)
    {
        var changed = Expected is { } expected
            ? link.Prepared("UPDATE grain_state SET version = version + 1, payload = ?4, expires = ?5 WHERE state_name = ?1 AND grain_key = ?2 AND version = ?3")
                .Execute(StateName, GrainKey, expected, Payload, Expires)
            : link.Prepared(
                "INSERT INTO grain_state (state_name, grain_key, version, payload, expires) VALUES (?1, ?2, 1, ?3, ?4) ON CONFLICT (state_name, grain_key) DO NOTHING")
                .Execute(StateName, GrainKey, Payload, Expires);
        return changed == 1
            ? new WriteOutcome(true, (Expected ?? 0) + 1)
            : new WriteOutcome(
                false, link.Prepared("SELECT version FROM grain_state WHERE state_name = ?1 AND grain_key = ?2").Number(StateName, GrainKey));
    }
}
