using System.Text;
using static SessionCluster.Server.Tests.StartTests;

namespace SessionCluster.Server.Tests;

/// <summary>The data folder of a process on SQLite.</summary>
[Trait("Server", "Own")]
public sealed class DataFolderTests
{
    [Fact]
    public async Task A_data_folder_that_cannot_be_made_stops_the_start_and_is_named()
    {
        using var folder = new TempFolder();

        var (exitCode, log) = await ServerProcess.StartKindRefused(folder.In("data"), ServerKind.OnSqlite, "Data:Path=/dev/null/x");

        AssertToldPlainly(exitCode, log, "Data:Path");
    }

    [Theory]
    [InlineData("keys", "not json", "delete it and start once with Keys:AllowNew=true")]
    [InlineData("keys", "", "Keys:AllowNew=true")]
    [InlineData("api-key", "short", "api-key")]
    public async Task A_broken_file_in_the_data_folder_stops_the_start_and_is_named(string file, string content, string advice)
    {
        using var folder = new TempFolder();
        var path = folder.Write(file, Encoding.UTF8.GetBytes(content));

        var (exitCode, log) = await ServerProcess.StartKindRefused(folder.Path, ServerKind.OnSqlite);

        AssertToldPlainly(exitCode, log, path, advice);
        Assert.Equal(content, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task Lost_token_keys_stop_the_start_while_there_are_sessions_and_a_setting_goes_on_without_them()
    {
        using var folder = new TempFolder();
        var keys = Path.Combine(folder.In("data"), "keys");
        Login login;
        await using (var server = await ServerProcess.StartKind(folder.In("data"), ServerKind.OnSqlite))
        {
            login = await server.Api.Login("1");
            Assert.Equal(0, await server.Terminate());
        }

        var kept = await File.ReadAllBytesAsync(keys);
        File.Delete(keys);

        var (exitCode, log) = await ServerProcess.StartKindRefused(folder.In("data"), ServerKind.OnSqlite);

        AssertToldPlainly(exitCode, log, keys, "1 live sessions", "Keys:AllowNew=true");
        Assert.False(File.Exists(keys));
        await File.WriteAllBytesAsync(keys, kept);
        await using (var server = await ServerProcess.StartKind(folder.In("data"), ServerKind.OnSqlite))
        {
            Assert.Null(await server.Api.WhyNot(login.Token));
            Assert.Equal(0, await server.Terminate());
        }

        File.Delete(keys);
        await using var renewed = await ServerProcess.StartKind(folder.In("data"), ServerKind.OnSqlite, "Keys:AllowNew=true");
        Assert.Contains("the tokens of 1 live sessions are worth nothing", renewed.Log, StringComparison.Ordinal);
        Assert.Equal("malformed", await renewed.Api.WhyNot(login.Token));
        Assert.Null(await renewed.Api.WhyNot((await renewed.Api.Login("1")).Token));
    }

    [PostgreSqlFact]
    public async Task A_member_that_has_lost_its_own_token_keys_does_not_start_beside_sessions()
    {
        using var folder = new TempFolder();
        var keys = Path.Combine(folder.In("data"), "keys");
        await using (var server = await ServerProcess.StartKind(folder.In("data"), ServerKind.OnPostgreSql))
        {
            await server.Api.Login("1");
            Assert.Equal(0, await server.Terminate());
        }

        File.Delete(keys);

        var (exitCode, log) = await ServerProcess.StartKindRefused(folder.In("data"), ServerKind.OnPostgreSql);

        AssertToldPlainly(exitCode, log, keys, "1 live sessions", "Keys:AllowNew=true");
        Assert.False(File.Exists(keys));
    }

    [Fact]
    public async Task A_broken_database_stops_the_start_and_is_named()
    {
        using var folder = new TempFolder();
        var path = folder.Write("sessions.db", "This is no database, and it is long enough to be looked at by the reader of its header."u8.ToArray());

        var (exitCode, log) = await ServerProcess.StartKindRefused(folder.Path, ServerKind.OnSqlite);

        AssertToldPlainly(exitCode, log, path);
    }

    [Fact]
    public async Task No_key_is_generated_where_one_is_configured()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.StartKind(folder.In("data"), ServerKind.OnSqlite, "Api:BootstrapKey=a-key-of-the-operator-0123456789-abcdef");

        Assert.True(File.Exists(Path.Combine(folder.In("data"), "keys")));
        Assert.False(File.Exists(Path.Combine(folder.In("data"), "api-key")));
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_is_refused_and_the_first_goes_on()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.StartKind(folder.In("data"), ServerKind.OnSqlite);

        var (exitCode, log) = await ServerProcess.StartKindRefused(folder.In("data"), ServerKind.OnSqlite);

        AssertToldPlainly(exitCode, log, folder.In("data"), "in use by another process", "Data:Path");
        Assert.Null(await server.Api.WhyNot((await server.Api.Login("1")).Token));
        Assert.Equal(0, await server.Terminate());
    }
}
