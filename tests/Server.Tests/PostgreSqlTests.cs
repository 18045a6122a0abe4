namespace SessionCluster.Server.Tests;

/// <summary>The whole server on PostgreSQL; with TEST_STORAGE=postgresql all the other tests run on it, too.</summary>
public sealed class PostgreSqlTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PostgreSqlFact]
    public async Task Sessions_and_endings_outlive_a_kill_of_the_server()
    {
        var data = _folder.In("data");
        Login kept;
        Login ended;
        await using (var server = await ServerProcess.Start(data, TestStorage.PostgreSql(data)))
        {
            kept = await server.Api.Login(Actions.NewUser());
            ended = await server.Api.Login(Actions.NewUser());
            (await server.Api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{ended.Token}}"}""")).Is(200);
            await server.Kill();
        }

        await using var again = await ServerProcess.Start(data, TestStorage.PostgreSql(data));

        Assert.Null(await again.Api.WhyNot(kept.Token));
        Assert.Equal("revoked", await again.Api.WhyNot(ended.Token));
        Assert.False(File.Exists(Path.Combine(data, "sessions.db")));
    }

    [PostgreSqlFact]
    public async Task A_second_server_on_the_same_database_does_not_start()
    {
        var data = _folder.In("data");
        await using var server = await ServerProcess.Start(data, TestStorage.PostgreSql(data));

        var (exitCode, log) = await ServerProcess.StartRefused(_folder.In("other"), TestStorage.PostgreSql(data));

        Assert.Equal(1, exitCode);
        Assert.Contains("in use by another process", log, StringComparison.Ordinal);
        Assert.Contains("Storage:ConnectionString", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Storage:Provider=oracle", "Storage:Provider is 'oracle'; it must be sqlite or postgresql.")]
    [InlineData("Storage:Provider=postgresql", "Storage:ConnectionString is not set.")]
    public async Task A_wrong_choice_of_storage_stops_the_start(string setting, string expected)
    {
        var (exitCode, log) = await ServerProcess.StartRefused(_folder.In("data"), "Storage:ConnectionString=", setting);

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, log, StringComparison.Ordinal);
    }
}
