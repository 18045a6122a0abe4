using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Storage;

/// <summary>Logins of new users through their grains into SQLite, against the bare inserts.</summary>
internal sealed class DurableLoginsSqlite : IComparison
{
    public string Name => "logins-sqlite";

    public string Goal => "durable logins of 64 callers on SQLite against bare group-committed inserts of the same bytes: at least 0.7";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        await using var host = await ProductHost.Start();
        var next = 0L;
        await Person.LogIn(host.Grains, next);
        using var bare = new BareSqlite(Path.Combine(host.Folder, "sessions.db"));
        var medians = await runner.Alternate(
            new Side("logins", length => Load.Run(length, _ => Person.LogIn(host.Grains, Interlocked.Increment(ref next)))),
            new Side("bare inserts", length => Load.Run(length, _ => bare.Insert())));
        report.AtLeast(Name, "logins/s, 64 callers", medians[0].PerSecond, medians[1].PerSecond, 0.7);
        report.Note(Name, "p99, µs", medians[0].P99Micros, medians[1].P99Micros);
    }
}
