using System.Diagnostics;

namespace SessionCluster.Server.Tests;

/// <summary>The disk of the default process fills up, and has room again.</summary>
[Trait("Server", "Own")]
public sealed class FullDiskTests
{
    /// <summary>Less than the five seconds for which SQLite waits where it waits, with room for a machine that is busy.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(4);

    [SmallDiskFact]
    public async Task On_a_full_disk_logins_fail_at_once_and_the_rest_goes_on_until_there_is_room_again()
    {
        using var disk = new SmallDisk();
        await using var server = await ServerProcess.StartKind(disk.In("data"), ServerKind.OnSqlite);
        var api = server.Api;
        var login = await api.Login(Actions.NewUser());
        Assert.Null(await api.WhyNot(login.Token));
        var before = server.Log.Length;

        disk.Fill();

        // Nobody has written yet: it finds out by itself.
        await Poll.Until(async () => (await api.Get("/health/ready")).Status == 503);
        await AssertStorageIsUnavailable(() => api.TryLogin(Actions.NewUser()));
        await AssertStorageIsUnavailable(() => api.TryLogin(login.User));
        await AssertStorageIsUnavailable(() => api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{login.Token}}"}"""));
        Assert.Null(await api.WhyNot(login.Token));
        Assert.Null(await api.WhyNot(login.Token, Places.BerlinToo));
        Assert.Single(await api.Sessions($"user={login.User}"));
        Assert.Single(await api.Events(login.User, "login"));
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ => (await api.TryLogin(Actions.NewUser())).Is(503)));
        Assert.Equal("not-ready", (await api.Get("/health/ready")).Is(503).Problem);
        AssertSaidOnce(server.Log[before..]);

        disk.Free();

        Assert.Null(await api.WhyNot((await api.Login(login.User)).Token));
        Assert.Null(await api.WhyNot((await api.Login(Actions.NewUser())).Token));
        Assert.Null(await api.WhyNot(login.Token));
        (await api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{login.Token}}"}""")).Is(200);
        Assert.Equal("revoked", await api.WhyNot(login.Token));
        await Poll.Until(async () => (await api.Get("/health/ready")).Status == 200);
    }

    [SmallDiskFact]
    public async Task What_failed_on_a_full_disk_is_not_there_after_a_kill_and_what_was_answered_is()
    {
        using var disk = new SmallDisk();
        var data = disk.In("data");
        var (kept, refused) = (Actions.NewUser(), Enumerable.Range(0, 20).Select(_ => Actions.NewUser()).ToArray());
        Login login;
        await using (var server = await ServerProcess.StartKind(data, ServerKind.OnSqlite))
        {
            login = await server.Api.Login(kept);
            disk.Fill();
            foreach (var user in refused)
            {
                await AssertStorageIsUnavailable(() => server.Api.TryLogin(user));
            }

            await server.Kill();
        }

        disk.Free();
        await using var again = await ServerProcess.StartKind(data, ServerKind.OnSqlite);

        Assert.Null(await again.Api.WhyNot(login.Token));
        Assert.Equal(login.Uuid, Assert.Single(await again.Api.Sessions(""))!["uuid"]!.GetValue<string>());
    }

    private static async Task AssertStorageIsUnavailable(Func<Task<Answer>> call)
    {
        var start = Stopwatch.GetTimestamp();
        var answer = (await call()).Is(503);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Soon);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Equal("storage-unavailable", answer.Problem);
        Assert.Contains("The storage (sqlite) takes no writes; nothing was written.", answer.StringAt("detail"), StringComparison.Ordinal);
    }

    /// <summary>Once by the storage, with the reason, and once for those who asked.</summary>
    private static void AssertSaidOnce(string log)
    {
        string[] reports = [.. log.Split('\n').Where(line => line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("warn:", StringComparison.Ordinal))];
        Assert.True(reports.Length <= 4, log);
        Assert.Contains("The database does not take writes; further failures are logged once a minute.", log, StringComparison.Ordinal);
        Assert.Contains("database or disk is full", log, StringComparison.Ordinal);
    }
}
