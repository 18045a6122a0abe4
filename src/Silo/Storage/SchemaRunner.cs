using System.Data.Common;
using System.Globalization;
using SessionCluster.Storage;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Brings a database to the schema of this program: the scripts that it has not seen yet, in order, each in one transaction together
/// with the row that records it. The caller sees to it that one process does so at a time.
/// </summary>
internal static class SchemaRunner
{
    /// <param name="connection">An open connection to the database.</param>
    /// <param name="scripts">The scripts of this program, in order.</param>
    /// <param name="now">The moment to record.</param>
    /// <param name="database">The database's name, for the message.</param>
    /// <exception cref="StorageStartException">The database was written by a newer program.</exception>
    public static async Task Apply(DbConnection connection, IReadOnlyList<SchemaScript> scripts, DateTimeOffset now, string database)
    {
        await Run(connection, "CREATE TABLE IF NOT EXISTS schema_script (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied BIGINT NOT NULL)");
        await using var asking = connection.CreateCommand();
        asking.CommandText = "SELECT coalesce(max(number), 0) FROM schema_script";
        var latest = Convert.ToInt32(await asking.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
        foreach (var script in SchemaScript.Missing(scripts, latest, database))
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await Run(connection, script.Sql, transaction);
            var record = string.Create(
                CultureInfo.InvariantCulture,
                $"INSERT INTO schema_script (number, name, applied) VALUES ({script.Number}, '{script.Name}', {UnixMicros.From(now)})");
            await Run(connection, record, transaction);
            await transaction.CommitAsync();
        }
    }

    private static async Task Run(DbConnection connection, string sql, DbTransaction? transaction = null)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        // A script may have to work through a large table.
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
