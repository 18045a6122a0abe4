using System.Diagnostics;
using System.Net.Http.Json;
using SessionCluster.Bench.Http;
using SessionCluster.Bench.Rounds;
using SessionCluster.Testing.PostgreSql;

namespace SessionCluster.Bench.Revocation;

/// <summary>How long an ending takes until it is answered, while so many processes may answer checks of the session by themselves.</summary>
internal sealed class EndingOfShares : IComparison
{
    private const int Endings = 400;
    private const int ColdEndings = 40;

    public string Name => "ending";

    public string Goal => "from the request to the answer of an ending, one after the other, with 1, 2 and 4 processes that hold shares, and of a user that is not in memory";

    public string? Missing => PostgreSqlServer.WhyNot;

    public async Task Run(Runner runner, Report report)
    {
        await using (var alone = await ServerProcess.Start())
        {
            await Measure(report, "SQLite, 1 process", [alone]);
        }

        await using (var one = await MeasuredCluster.Start(members: 1, apis: 0))
        {
            await Measure(report, "PostgreSQL, 1 process", one.All);
        }

        await using (var two = await MeasuredCluster.Start(members: 2, apis: 0))
        {
            await Measure(report, "PostgreSQL, 2 processes", two.All);
        }

        await using var four = await MeasuredCluster.Start(members: 2, apis: 2);
        await Measure(report, "PostgreSQL, 4 processes", four.All);
    }

    private async Task Measure(Report report, string what, IReadOnlyList<ServerProcess> processes)
    {
        await Logins.Make(processes[0].Api, 100, first: 10_000_000);
        Note(await Times(processes, Endings, first: 0, before: null), "");
        // What is in memory leaves it, sessions too: the ending finds nobody who knows of shares.
        Note(await Times(processes, ColdEndings, first: Endings, before: Forget), ", user not in memory");

        void Note(double[] times, string how)
        {
            report.Note(Name, $"{what}{how}: median, ms", times[times.Length / 2]);
            report.Note(Name, $"{what}{how}: p99, ms", times[(int)(times.Length * 0.99)]);
        }

        async Task Forget()
        {
            using var answer = await processes[0].Api.PostAsJsonAsync($"{MeasuredHost.ChecksPath}?cold=true", Array.Empty<Guid>());
            answer.EnsureSuccessStatusCode();
        }
    }

    private static async Task<double[]> Times(IReadOnlyList<ServerProcess> processes, int endings, long first, Func<Task>? before)
    {
        var times = new double[endings];
        for (var i = 0; i < endings; i++)
        {
            var login = await Logins.MakeOne(processes[i % processes.Count].Api, first + i);
            await Task.WhenAll(processes.Select(process => Logins.Check(process.Api, [login])));
            await (before?.Invoke() ?? Task.CompletedTask);
            var start = Stopwatch.GetTimestamp();
            using var answer = await processes[(i / 2) % processes.Count].Api.PostAsJsonAsync("/api/v3/sessions/revoke/", new { token = login.Token });
            answer.EnsureSuccessStatusCode();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return [.. times.Order()];
    }
}

/// <summary>How long it takes to end ten thousand sessions of one user, each just checked through four processes.</summary>
internal sealed class EndingOfManyShares : IComparison
{
    private const int Many = 10_000;
    private const long User = 30_000_000;

    public string Name => "ending-many";

    public string Goal => "10,000 sessions of one user, shares in four processes: ended everywhere within 2 s";

    public string? Missing => PostgreSqlServer.WhyNot;

    public async Task Run(Runner runner, Report report)
    {
        // The longest leases there are, since the checks take their time.
        await using var cluster = await MeasuredCluster.Start(members: 2, apis: 2, "Leases:Duration=seconds=10");
        var logins = new Login[Many];
        await Parallel.ForAsync(0, Many, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) => logins[i] = await Logins.MakeOne(cluster.All[i % 4].Api, User));
        // Once, so that all grains are in memory, and once more for the shares.
        await CheckAll();
        var checking = Stopwatch.GetTimestamp();
        await CheckAll();
        var checkedAfter = Stopwatch.GetElapsedTime(checking);
        var start = Stopwatch.GetTimestamp();
        using var answer = await cluster.All[3].Api.PostAsync(new Uri($"/api/v3/users/{User}/sessions/revoke/", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
        report.Limit(Name, "10,000 sessions with shares in 4 processes, s", Stopwatch.GetElapsedTime(start).TotalSeconds, 2);
        report.Note(Name, "the 40,000 checks before it took, s", checkedAfter.TotalSeconds);

        Task CheckAll() => Task.WhenAll(cluster.All.Select(process => Logins.Check(process.Api, logins)));
    }
}
