using System.Diagnostics;
using SessionCluster.Bench.Rounds;
using SessionCluster.Testing.PostgreSql;

namespace SessionCluster.Bench.Http;

/// <summary>Checks and logins a second of one, two and three members on this one machine, and the processor time that each costs the members.</summary>
internal sealed class SideBySide : IComparison
{
    private const int Sessions = 500;

    public string Name => "side-by-side";

    public string Goal => "checks and logins a second of one, two and three members on one machine, and what each costs in processor time";

    public string? Missing => Wrk.Missing ?? PostgreSqlServer.WhyNot;

    public async Task Run(Runner runner, Report report)
    {
        for (var members = 1; members <= 3; members++)
        {
            await using var cluster = await MeasuredCluster.Start(members, apis: 0);
            var logins = await Logins.Make(cluster.All[0].Api, Sessions);
            var (checks, bodies) = (Path.GetTempFileName(), Path.GetTempFileName());
            await File.WriteAllLinesAsync(checks, ["GET", "Cookie", .. logins.Select(login => $"sessioncluster_session={login.Token}\t")]);
            await File.WriteAllLinesAsync(bodies, ["POST", "", .. Enumerable.Range(0, 20_000).Select(user => $"\t{Logins.Form(1_000_000 + user)}")]);
            await Measure(report, cluster, $"check, {members} members", checks, "/api/v3/sessions/current/", _ => ("User-Agent", Logins.UserAgent));
            await Measure(report, cluster, $"login, {members} members", bodies, "/api/v3/sessions/", key => ("Authorization", $"Bearer {key}"));
            File.Delete(checks);
            File.Delete(bodies);
        }
    }

    private async Task Measure(
        Report report, MeasuredCluster cluster, string what, string file, string path, Func<string, (string Name, string Value)> header)
    {
        var length = TimeSpan.FromSeconds(10);
        await Ask(TimeSpan.FromSeconds(5));
        var before = cluster.All.Sum(process => process.ProcessorTime.TotalMicroseconds);
        var start = Stopwatch.GetTimestamp();
        var perSecond = (await Ask(length)).Sum(sample => sample.PerSecond);
        var taken = cluster.All.Sum(process => process.ProcessorTime.TotalMicroseconds) - before;
        report.Note(Name, $"{what}, a second", perSecond);
        report.Note(Name, $"{what}, processor time each, µs", taken / (perSecond * Stopwatch.GetElapsedTime(start).TotalSeconds));

        Task<Sample[]> Ask(TimeSpan time) => Task.WhenAll(cluster.All.Select(process => Wrk.Ask(process.Url, path, file, time, header(process.Key))));
    }
}
