using SessionCluster.LoginStage;
using SessionCluster.Storage;

namespace SessionCluster.Silo.Storage;

/// <summary>Prunes plans in PostgreSQL: they are the states that name the moment from which they mean nothing.</summary>
internal sealed class PostgreSqlPlanRows(PostgreSqlDatabase database) : IPlanRows
{
    internal const string PruneSql =
        """
        DELETE FROM grain_state WHERE ctid = ANY (ARRAY(
          SELECT ctid FROM grain_state WHERE expires < $1 ORDER BY expires LIMIT $2 FOR UPDATE SKIP LOCKED))
        """;

    public Task<int> Prune(DateTimeOffset before, int limit) =>
        database.Source.Command(PruneSql, UnixMicros.From(before), (long)PageBounds.Batch(limit)).Run();
}
