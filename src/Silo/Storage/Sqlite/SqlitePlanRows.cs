using SessionCluster.LoginStage;
using SessionCluster.Storage;

namespace SessionCluster.Silo.Storage;

/// <summary>Prunes plans in SQLite, through the writer: they are the states that name the moment from which they mean nothing.</summary>
internal sealed class SqlitePlanRows(SqliteDatabase database) : IPlanRows
{
    internal const string PruneSql =
        """
        DELETE FROM grain_state WHERE rowid IN (
          SELECT rowid FROM grain_state INDEXED BY grain_state_by_expires
          WHERE expires < ?1 ORDER BY expires LIMIT ?2)
        """;

    public Task<int> Prune(DateTimeOffset before, int limit) => database.Writer.Write(
        link => link.Prepared(PruneSql).Execute(UnixMicros.From(before), PageBounds.Batch(limit)));
}
