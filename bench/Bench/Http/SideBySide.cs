using SessionCluster.Bench.Rounds;
using SessionCluster.Testing.PostgreSql;

namespace SessionCluster.Bench.Http;

/// <summary>Checks and logins a second of one, two and three members on this one machine, and the processor time that each costs the members.</summary>
internal sealed class SideBySide : IComparison
{
    private const int Sessions = 500;

    /// <summary>More than a member can take in a round.</summary>
    private const int LoginsOfRound = 60_000;

    public string Name => "side-by-side";

    public string Goal => "checks and logins a second of one, two and three members on one machine, and what each costs in processor time";

    public string? Missing => Wrk.Missing ?? PostgreSqlServer.WhyNot;

    public async Task Run(Runner runner, Report report)
    {
        for (var members = 1; members <= 3; members++)
        {
            await using var cluster = await MeasuredCluster.Start(members, apis: 0);
            var logins = await Logins.Make(cluster.All[0].Api, Sessions);
            List<string> checks = ["GET", "Cookie", .. logins.Select(login => $"sessioncluster_session={login.Token}\t")];
            await Measure(report, cluster, $"check, {members} members", () => checks, "/api/v3/sessions/current/", _ => ("User-Agent", Logins.UserAgent));
            // No user twice: those of the warm-up would be in memory, and members would wait for each other over the same user.
            var next = 1_000_000L;
            await Measure(
                report, cluster, $"login, {members} members", () => ["POST", "", .. Enumerable.Range(0, LoginsOfRound).Select(_ => $"\t{Logins.Form(next++)}")], "/api/v3/sessions/",
                key => ("Authorization", $"Bearer {key}"));
        }
    }

    private async Task Measure(
        Report report, MeasuredCluster cluster, string what, Func<IEnumerable<string>> requests, string path, Func<string, (string Name, string Value)> header)
    {
        var length = TimeSpan.FromSeconds(10);
        // Members share the requests, too: until each of them runs its best code, it takes as many times longer.
        for (var i = 0; i < 3; i++)
        {
            await Ask(TimeSpan.FromSeconds(20));
        }

        var before = cluster.All.Sum(process => process.ProcessorTime.TotalMicroseconds);
        var perSecond = await Ask(length);
        var taken = cluster.All.Sum(process => process.ProcessorTime.TotalMicroseconds) - before;
        report.Note(Name, $"{what}, a second", perSecond);
        report.Note(Name, $"{what}, processor time each, µs", taken / (perSecond * length.TotalSeconds));

        async Task<double> Ask(TimeSpan time)
        {
            var files = cluster.All.Select(_ => Path.GetTempFileName()).ToArray();
            foreach (var file in files)
            {
                await File.WriteAllLinesAsync(file, requests());
            }

            var samples = await Task.WhenAll(cluster.All.Select((process, index) => Wrk.Ask(process.Url, path, files[index], time, header(process.Key))));
            Array.ForEach(files, File.Delete);
            return samples.Sum(sample => sample.PerSecond);
        }
    }
}
