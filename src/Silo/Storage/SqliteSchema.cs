using System.Globalization;
using Microsoft.Data.Sqlite;
using SessionCluster.Storage;

namespace SessionCluster.Silo.Storage;

/// <summary>One numbered script of the schema.</summary>
/// <param name="Number">Its place in the order, from 1.</param>
/// <param name="Name">Its file name.</param>
/// <param name="Sql">Its statements.</param>
internal sealed record SchemaScript(int Number, string Name, string Sql);

/// <summary>
/// Brings a database to the schema of this program: the scripts that it has not seen yet, in order, each in one transaction
/// together with the row that records it. A script that was released is never edited.
/// </summary>
internal static class SqliteSchema
{
    private const string ResourcePrefix = "SessionCluster.Silo.Schema.sqlite.";

    /// <summary>The scripts of this program, in order.</summary>
    public static IReadOnlyList<SchemaScript> Scripts { get; } = Load();

    /// <summary>Applies what is missing.</summary>
    /// <exception cref="DataFolderException">The database was written by a newer program.</exception>
    public static void Apply(SqliteConnection connection, IReadOnlyList<SchemaScript> scripts, DateTimeOffset now)
    {
        Run(connection, "CREATE TABLE IF NOT EXISTS schema_script (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT");
        var latest = Latest(connection);
        var known = scripts.Count == 0 ? 0 : scripts[^1].Number;
        if (latest > known)
        {
            throw new DataFolderException(
                $"The database {connection.DataSource} has schema {latest}, but this program knows schemas up to {known} only. Start the newer program that wrote it, or restore a backup from before.");
        }

        foreach (var script in scripts.Where(script => script.Number > latest))
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

    private static List<SchemaScript> Load()
    {
        var assembly = typeof(SqliteSchema).Assembly;
        var scripts = new List<SchemaScript>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            {
                continue;
            }

            var name = resource[ResourcePrefix.Length..];
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream);
            var number = int.Parse(name.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture);
            scripts.Add(new SchemaScript(number, name, reader.ReadToEnd()));
        }

        scripts.Sort((left, right) => left.Number.CompareTo(right.Number));
        return scripts;
    }
}
