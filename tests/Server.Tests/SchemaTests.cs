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

    /// <summary>A user whose session a newer program has bound in a way that this one does not know.</summary>
    [Fact]
    public async Task A_newer_session_is_refused_with_the_reason_and_takes_nobody_with_it()
    {
        var data = _folder.In("data");
        Login newer, other;
        await using (var server = await ServerProcess.StartKind(data, ServerKind.OnSqlite))
        {
            (newer, other) = (await server.Api.Login(Actions.NewUser()), await server.Api.Login(Actions.NewUser()));
            Assert.Equal(0, await server.Terminate());
        }

        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(data, "sessions.db")};Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = new SqliteCommand(
                $$"""UPDATE session SET payload = replace(payload, '"schema":1', '"schema":1,"network_binding":9') WHERE user_pk = '{{newer.User}}'""", connection);
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        await using var older = await ServerProcess.StartKind(data, ServerKind.OnSqlite);
        var api = older.Api;

        AssertRefused(await api.Post("/api/v3/sessions/validate/", $$"""{"token": "{{newer.Token}}", "client": {"ip": "{{Testing.Geo.Places.Berlin}}"} }"""));
        AssertRefused(await api.TryLogin(newer.User));
        AssertRefused(await api.Delete($"/api/v3/core/authenticated_sessions/{newer.Uuid}/"));
        AssertRefused(await api.Get($"/api/v3/core/authenticated_sessions/?user={newer.User}"));
        Assert.Null(await api.WhyNot(other.Token));
        Assert.Equal(other.Uuid, Assert.Single(await api.Sessions(""))!["uuid"]!.GetValue<string>());

        static void AssertRefused(Answer answer)
        {
            Assert.Equal("storage-unavailable", answer.Is(503).Problem);
            Assert.Contains("written by a newer program", answer.StringAt("detail"), StringComparison.Ordinal);
        }
    }

    private static async Task AssertRefused(string data, ServerKind kind)
    {
        var (exitCode, log) = await ServerProcess.StartKindRefused(data, kind);

        StartTests.AssertToldPlainly(exitCode, log, "has schema 99", "Start the newer program that wrote it");
    }
}
