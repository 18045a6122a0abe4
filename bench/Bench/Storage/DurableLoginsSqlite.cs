using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Storage;

/// <summary>Logins of new users through their grains into SQLite, against the bare inserts, together and with a commit for each row.</summary>
internal sealed class DurableLoginsSqlite : IComparison
{
    public string Name => "logins-sqlite";

    public string Goal => "durable logins of 64 callers on SQLite against bare group-committed inserts of the same bytes: at least 1.5; also against a commit for each row";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        await using var host = await ProductHost.Start();
        var next = 0L;
        await Person.LogIn(host.Grains, next);
        using var bare = new BareSqlite(Path.Combine(host.Folder, "sessions.db"));
        using var separate = new BareSqlite(Path.Combine(host.Folder, "sessions.db"), separately: true);
        var medians = await runner.Alternate(
            new Side("logins", length => Load.Run(length, _ => Person.LogIn(host.Grains, Interlocked.Increment(ref next)))),
            new Side("bare inserts", length => Load.Run(length, _ => bare.Insert())),
            new Side("separate writes", length => Load.Run(length, _ => separate.Insert())));
        report.AtLeast(Name, "logins/s, 64 callers", medians[0].PerSecond, medians[1].PerSecond, 1.5);
        report.Note(Name, "logins/s, against a commit for each row", medians[0].PerSecond, medians[2].PerSecond);
        report.Note(Name, "p99, µs", medians[0].P99Micros, medians[1].P99Micros);
    }
}
