using System.Diagnostics;
using System.Globalization;
using SessionCluster.Silo.Storage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Storage.Tests;

public sealed class CrashTests
{
    [Fact]
    public async Task After_a_kill_in_the_middle_of_writes_every_acknowledged_write_is_there_and_none_is_there_by_half()
    {
        using var open = new OpenStorage();
        open.Close();
        using var child = Start(open.Path, users: 8);
        var acknowledged = new List<Acknowledged>();
        while (acknowledged.Count < 400 && await child.StandardOutput.ReadLineAsync() is { } line)
        {
            acknowledged.Add(Acknowledged.Parse(line));
        }

        Assert.Throws<DataFolderException>(() => DataFolder.Open(open.Path).Dispose());
        child.Kill();
        var rest = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        acknowledged.AddRange(rest.Split('\n')[..^1].Select(Acknowledged.Parse));

        open.Reopen();

        Assert.True(acknowledged.Count >= 400);
        foreach (var write in acknowledged)
        {
            Assert.NotNull(await open.Events.Find(write.Session));
        }

        foreach (var user in acknowledged.GroupBy(write => write.User))
        {
            var ledger = (await open.ReadLedger(user.Key)).State;
            Assert.InRange(ledger.Revision, user.Max(write => write.Revision), user.Max(write => write.Revision) + 1);
            var live = Assert.Single(await open.Sessions.LoadByUser(new UserId(user.Key)));
            Assert.Equal(ledger.Revision, await open.Number($"SELECT count(*) FROM event WHERE user_pk = '{user.Key}'"));
            Assert.Equal(ledger.Revision - 1, await open.Number($"SELECT count(*) FROM ended WHERE user_pk = '{user.Key}'"));
            Assert.Null(await open.Sessions.FindEnded(new SessionId(live.Id), DateTimeOffset.UnixEpoch));
        }

        Assert.Equal(1, await open.Number("SELECT max(seq) = count(*) FROM event"));
        Assert.Equal(1, await open.Number("SELECT integrity_check = 'ok' FROM pragma_integrity_check"));
    }

    private static Process Start(string folder, int users)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "SessionCluster.Storage.Crash.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "exec", program, folder, users.ToString(CultureInfo.InvariantCulture) },
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
