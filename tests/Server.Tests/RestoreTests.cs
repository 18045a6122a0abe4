using Microsoft.Data.Sqlite;
using Npgsql;

namespace SessionCluster.Server.Tests;

/// <summary>Backup while the server runs, and restore with new keys, as docs/production.md says.</summary>
[Trait("Server", "Own")]
public sealed class RestoreTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Data => _folder.In("data");

    private string Database => Path.Combine(Data, "sessions.db");

    private string Backup => _folder.In("backup.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_restored_backup_brings_back_opens_nothing_once_the_keys_are_new()
    {
        Login ended, kept;
        await using (var server = await ServerProcess.StartKind(Data, ServerKind.OnSqlite))
        {
            (ended, kept) = (await server.Api.Login(Actions.NewUser()), await server.Api.Login(Actions.NewUser()));
            BackUp();
            (await server.Api.Delete($"/api/v3/core/authenticated_sessions/{ended.Uuid}/")).Is(204);
            Assert.Equal(0, await server.Terminate());
        }

        Restore();
        File.Delete(Path.Combine(Data, "keys"));

        var (exitCode, log) = await ServerProcess.StartKindRefused(Data, ServerKind.OnSqlite);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Keys:AllowNew", log, StringComparison.Ordinal);
        await using var restored = await ServerProcess.StartKind(Data, ServerKind.OnSqlite, "Keys:AllowNew=true");
        Assert.Single(await restored.Api.Sessions($"user={ended.User}"));
        Assert.Equal("malformed", await restored.Api.WhyNot(ended.Token));
        Assert.Equal("malformed", await restored.Api.WhyNot(kept.Token));
        Assert.Null(await restored.Api.WhyNot((await restored.Api.Login(kept.User)).Token));
        await restored.Terminate();
        await using var later = await ServerProcess.StartKind(Data, ServerKind.OnSqlite);
        Assert.Single(await later.Api.Sessions($"user={ended.User}"));
    }

    [PostgreSqlFact]
    public async Task A_member_on_a_restored_copy_leaves_the_running_cluster_alone()
    {
        using var cluster = new ProcessCluster();
        var member = cluster.Member();
        await ProcessCluster.Start(member);
        using var api = ProcessCluster.Client(member);
        var login = await api.Login("user-0");
        using var copy = new ProcessCluster(PostgreSqlServer.Shared.Copy(cluster.Database));
        var other = copy.Member();

        await ProcessCluster.Start(other);

        using var otherApi = ProcessCluster.Client(other);
        (await otherApi.Post("/api/v3/users/user-0/sessions/revoke/", "{}")).Is(200);
        Assert.Null(await api.WhyNot(login.Token));
        Assert.True(await member.IsReady());
        Assert.Equal(1, await Number(cluster.Database, "SELECT count(*)::int FROM OrleansMembershipTable"));
        Assert.Equal(1, await Number(copy.Database, "SELECT count(*)::int FROM OrleansMembershipTable"));
    }

    [PostgreSqlFact]
    public async Task A_member_whose_membership_table_is_set_back_ends_and_says_why()
    {
        using var cluster = new ProcessCluster();
        var member = cluster.Member();
        await ProcessCluster.Start(member);

        await Number(cluster.Database, "UPDATE OrleansMembershipVersionTable SET Version = Version - 1 RETURNING 1");

        await Poll.Until(() => Task.FromResult(member.HasEnded));
        Assert.Contains("the process ends and has to be started again. The membership table is at version", member.Log, StringComparison.Ordinal);
        await ProcessCluster.Start(member);
    }

    private static async Task<int> Number(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private void BackUp()
    {
        using var database = new SqliteConnection($"Data Source={Database};Pooling=false");
        database.Open();
        using var backup = database.CreateCommand();
        backup.CommandText = $"VACUUM INTO '{Backup}'";
        backup.ExecuteNonQuery();
    }

    private void Restore()
    {
        File.Delete(Database + "-wal");
        File.Delete(Database + "-shm");
        File.Copy(Backup, Database, overwrite: true);
    }
}
