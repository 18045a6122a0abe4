using System.Globalization;
using Microsoft.Data.Sqlite;
using SessionCluster.Storage;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Brings a database to the schema of this program: the scripts that it has not seen yet, in order, each in one transaction
/// together with the row that records it.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>The scripts of this program, in order.</summary>
    public static IReadOnlyList<SchemaScript> Scripts { get; } = SchemaScript.Load("sqlite");

    /// <summary>Applies what is missing.</summary>
    /// <exception cref="StorageStartException">The database was written by a newer program.</exception>
    public static void Apply(SqliteConnection connection, IReadOnlyList<SchemaScript> scripts, DateTimeOffset now)
    {
        Run(connection, "CREATE TABLE IF NOT EXISTS schema_script (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT");
        foreach (var script in SchemaScript.Missing(scripts, Latest(connection), connection.DataSource))
        {
            Apply(connection, script, now);
        }
    }

    private static void Apply(SqliteConnection connection, SchemaScript script, DateTimeOffset now)
    {
        using var transaction = connection.BeginTransaction();
        Run(connection, script.Sql, transaction);
        using var record = connection.CreateCommand();
        record.Transaction = transaction;
        record.CommandText = "INSERT INTO schema_script (number, name, applied) VALUES (?1, ?2, ?3)";
        record.Parameters.AddWithValue("?1", script.Number);
        record.Parameters.AddWithValue("?2", script.Name);
        record.Parameters.AddWithValue("?3", UnixMicros.From(now));
        record.ExecuteNonQuery();
        transaction.Commit();
    }

    private static int Latest(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(max(number), 0) FROM schema_script";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Run(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
