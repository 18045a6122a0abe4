using System.Diagnostics;
using System.Globalization;
using SessionCluster.Silo.Storage;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteCrashTests() : CrashTests(new OpenSqlite())
{
    [Fact]
    public async Task The_folder_is_locked_while_the_other_process_lives()
    {
        await Open.Close();
        var path = ((OpenSqlite)Open).Path;
        using (var child = Start())
        {
            await child.StandardOutput.ReadLineAsync();
            Assert.Throws<StorageStartException>(() => DataFolder.Open(path));
            child.Kill();
            await child.WaitForExitAsync();
        }

        DataFolder.Open(path).Dispose();
    }

    private protected override (string System, string Place) Database => ("sqlite", ((OpenSqlite)Open).Path);

    private protected override async Task Check() =>
        Assert.Equal(1, await Open.Number("SELECT (SELECT max(seq) = count(*) FROM event) AND integrity_check = 'ok' FROM pragma_integrity_check"));
}

[OnPostgreSql]
public sealed class PostgreSqlCrashTests() : CrashTests(new OpenPostgreSql())
{
    private protected override (string System, string Place) Database => ("postgresql", ((OpenPostgreSql)Open).ConnectionString);

    /// <summary>The server may be at work on what the process sent last.</summary>
    private protected override async Task Opened()
    {
        while (await Open.Number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()") > 0)
        {
            await Task.Delay(5);
        }
    }
}

public abstract class CrashTests : StorageTests
{
    private protected CrashTests(OpenStorage open)
        : base(open)
    {
    }

    private protected abstract (string System, string Place) Database { get; }

    [SuiteFact]
    public async Task After_a_kill_in_the_middle_of_writes_every_acknowledged_write_is_there_and_none_is_there_by_half()
    {
        await Open.Close();
        using var child = Start();
        var acknowledged = new List<Acknowledged>();
        while (acknowledged.Count < 400 && await child.StandardOutput.ReadLineAsync() is { } line)
        {
            acknowledged.Add(Acknowledged.Parse(line));
        }

        child.Kill();
        var rest = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        acknowledged.AddRange(rest.Split('\n')[..^1].Select(Acknowledged.Parse));
        await Open.Start();
        await Opened();

        Assert.True(acknowledged.Count >= 400);
        foreach (var write in acknowledged)
        {
            Assert.NotNull(await Open.Events.Find(write.Session));
        }

        foreach (var user in acknowledged.GroupBy(write => write.User))
        {
            var ledger = (await Open.ReadLedger(user.Key)).State;
            Assert.InRange(ledger.Revision, user.Max(write => write.Revision), user.Max(write => write.Revision) + 1);
            var live = Assert.Single(ledger.Stored!.Live);
            Assert.Equal(ledger.Revision, await Open.Number($"SELECT count(*) FROM event WHERE user_pk = '{user.Key}'"));
            Assert.Equal(ledger.Revision - 1, await Open.Number($"SELECT count(*) FROM ended WHERE user_pk = '{user.Key}'"));
            Assert.Null(await Open.Ended.Find(new Sessions.SessionId(live.Id), DateTimeOffset.UnixEpoch));
        }

        await Check();
    }

    private protected virtual Task Opened() => Task.CompletedTask;

    private protected virtual Task Check() => Task.CompletedTask;

    private protected Process Start()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "SessionCluster.Storage.Crash.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "exec", program, Database.System, Database.Place, "8" },
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    private sealed record Acknowledged(string User, long Revision, Guid Session)
    {
        public static Acknowledged Parse(string line)
        {
            var parts = line.Split(' ');
            return new Acknowledged(parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture), Guid.Parse(parts[2]));
        }
    }
}
