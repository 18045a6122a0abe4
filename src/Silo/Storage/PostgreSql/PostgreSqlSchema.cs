using Npgsql;
using SessionCluster.Storage;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Brings a database to the schema of this program: the scripts that it has not seen yet, in order, each in one transaction
/// together with the row that records it. Of several processes that start together one does it, and the others wait.
/// </summary>
internal static class PostgreSqlSchema
{
    /// <summary>Oldest server that the scripts run on: client_connection_check_interval came with it.</summary>
    private const int OldestServer = 14;

    private const long MigrationLock = 0x53_43_6C_75_73_74_02;

    /// <summary>The scripts of this program, in order.</summary>
    public static IReadOnlyList<SchemaScript> Scripts { get; } = SchemaScript.Load("postgresql");

    /// <summary>Refuses a server that cannot keep what is promised.</summary>
    /// <exception cref="StorageStartException">It is too old, a standby, or does not make commits durable.</exception>
    public static async Task Check(NpgsqlConnection connection)
    {
        const string Setting = PostgreSqlOptions.ConnectionSetting;
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new StorageStartException(
                $"The PostgreSQL server has version {connection.PostgreSqlVersion}, but {OldestServer} is the oldest that works. Upgrade it, or name another in {Setting}.");
        }

        if (await connection.Command("SELECT pg_is_in_recovery()").Value<bool>())
        {
            throw new StorageStartException($"The PostgreSQL server is a standby, which takes no writes. Name the primary in {Setting}.");
        }

        if (await connection.Command("SHOW synchronous_commit").Value<string>() == "off")
        {
            throw new StorageStartException(
                "The PostgreSQL server has synchronous_commit=off for this user: what it has acknowledged could be lost in a crash. Turn it on (ALTER ROLE ... SET synchronous_commit = on).");
        }
    }

    /// <summary>Applies what is missing.</summary>
    /// <exception cref="StorageStartException">The database was written by a newer program.</exception>
    public static async Task Apply(NpgsqlConnection connection, IReadOnlyList<SchemaScript> scripts, DateTimeOffset now)
    {
        await connection.Command("SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false)").Run();
        await connection.Command("SELECT pg_advisory_lock($1)", MigrationLock).Unhurried().Run();
        try
        {
            var latest = await connection.Command("SELECT to_regclass('schema_script') IS NOT NULL").Value<bool>()
                ? await connection.Command("SELECT coalesce(max(number), 0) FROM schema_script").Value<int>()
                : 0;
            foreach (var script in SchemaScript.Missing(scripts, latest, connection.Database))
            {
                await Apply(connection, script, now);
            }

            await EventHistory.Settle(connection);
        }
        finally
        {
            await connection.Command("SELECT pg_advisory_unlock($1)", MigrationLock).Run();
            await connection.Command("RESET statement_timeout").Run();
            await connection.Command("RESET lock_timeout").Run();
        }
    }

    private static async Task Apply(NpgsqlConnection connection, SchemaScript script, DateTimeOffset now)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.Command("CREATE TABLE IF NOT EXISTS schema_script (number integer PRIMARY KEY, name text NOT NULL, applied bigint NOT NULL)").Run();

        await connection.Command(script.Sql).Unhurried().Run();
        await connection.Command(
            "INSERT INTO schema_script (number, name, applied) VALUES ($1, $2, $3)", script.Number, script.Name, UnixMicros.From(now)).Run();
        await transaction.CommitAsync();
    }
}
