using Microsoft.Data.Sqlite;
using Npgsql;

namespace SessionCluster.Server.Tests;

/// <summary>A program and a database that a newer one has written.</summary>
[Trait("Server", "Own")]
public sealed class SchemaTests : IDisposable
{
    private const string NewerSchema = "INSERT INTO schema_script (number, name, applied) VALUES (99, '099-newer.sql', 0)";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_newer_schema_on_sqlite_stops_the_start()
    {
        var data = _folder.In("data");
        await using (var server = await ServerProcess.StartKind(data, ServerKind.OnSqlite))
        {
            Assert.Equal(0, await server.Terminate());
        }

        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(data, "sessions.db")};Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = new SqliteCommand(NewerSchema, connection);
            await command.ExecuteNonQueryAsync();
        }

        await AssertRefused(data, ServerKind.OnSqlite);
    }

    [PostgreSqlFact]
    public async Task A_newer_schema_on_postgresql_stops_the_start()
    {
        var data = _folder.In("data");
        await using (var server = await ServerProcess.StartKind(data, ServerKind.OnPostgreSql))
        {
            Assert.Equal(0, await server.Terminate());
        }

        await using (var database = NpgsqlDataSource.Create(TestStorage.Database(data)))
        {
            await using var command = database.CreateCommand(NewerSchema);
            await command.ExecuteNonQueryAsync();
        }

        await AssertRefused(data, ServerKind.OnPostgreSql);
    }

    private static async Task AssertRefused(string data, ServerKind kind)
    {
        var (exitCode, log) = await ServerProcess.StartKindRefused(data, kind);

        StartTests.AssertToldPlainly(exitCode, log, "has schema 99", "Start the newer program that wrote it");
    }
}
