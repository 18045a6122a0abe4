using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Brings a database to the schema of this program: the scripts that it has not seen yet, in order, each in one transaction together
/// with the row that records it. The caller sees to it that one process does so at a time.
/// </summary>
internal static class SchemaRunner
{
    /// <param name="scripts">The scripts of this program, in order.</param>
    /// <param name="now">The moment to record.</param>
    /// <param name="database">The database's name, for the message.</param>
    /// <param name="before">Hears of each script before it runs.</param>
    /// <exception cref="StorageStartException">The database was written by a newer program.</exception>
    public static async Task Apply(DbConnection connection, IReadOnlyList<SchemaScript> scripts, DateTimeOffset now, string database, Action<SchemaScript>? before = null)
    {
        // Asked first: PostgreSQL demands the right to create tables also for one that is there, and a user may have it for the first start only.
        if (await Ask(connection, connection is SqliteConnection ? "SELECT 1 FROM sqlite_schema WHERE name = 'schema_script'" : "SELECT 1 WHERE to_regclass('schema_script') IS NOT NULL") is null)
        {
            await Run(connection, "CREATE TABLE schema_script (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied BIGINT NOT NULL)");
        }

        var latest = Convert.ToInt32(await Ask(connection, "SELECT coalesce(max(number), 0) FROM schema_script"), CultureInfo.InvariantCulture);
        var known = scripts[^1].Number;
        if (latest > known)
        {
            throw new StorageStartException(
                $"The database {database} has schema {latest}, but this program knows schemas up to {known} only. Start the newer program that wrote it, or restore a backup from before.");
        }

        foreach (var script in scripts.Where(script => script.Number > latest))
        {
            before?.Invoke(script);
            await using var transaction = await connection.BeginTransactionAsync();
            await Run(connection, script.Sql, transaction);
            var record = string.Create(
                CultureInfo.InvariantCulture,
                $"INSERT INTO schema_script (number, name, applied) VALUES ({script.Number}, '{script.Name}', {UnixMicros.From(now)})");
            await Run(connection, record, transaction);
            await transaction.CommitAsync();
        }
    }

    private static async Task<object?> Ask(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
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

/// <summary>One numbered script of a schema. A script that was released is never edited.</summary>
/// <param name="Number">Its place in the order, from 1.</param>
internal sealed record SchemaScript(int Number, string Name, string Sql)
{
    /// <summary>The scripts of this program for a database system, in order.</summary>
    /// <param name="system">The folder below Schema.</param>
    public static IReadOnlyList<SchemaScript> Load(string system)
    {
        var prefix = $"SessionCluster.Silo.Schema.{system}.";
        var assembly = typeof(SchemaScript).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];

        SchemaScript Read(string resource)
        {
            var name = resource[prefix.Length..];
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            return new SchemaScript(int.Parse(name.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture), name, reader.ReadToEnd());
        }
    }
}

/// <summary>
/// The storage cannot be used: the program must not start. The message is for the operator: it names what is wrong, the
/// setting and what to do.
/// </summary>
[SuppressMessage("Design", "CA1032", Justification = "Made here only, always with a message.")]
public sealed class StorageStartException(string message, Exception? inner = null) : IOException(message, inner);
