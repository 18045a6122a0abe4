using SessionCluster.Bench.Rounds;
using SessionCluster.Bench.Stock;
using SessionCluster.Testing.PostgreSql;

namespace SessionCluster.Bench.Storage;

/// <summary>
/// Logins of new users into either database, against applications on Orleans whose grains write their states
/// one by one.
/// </summary>
internal sealed class DurableLoginsOrleans : IComparison
{
    public string Name => "logins-orleans";

    public string Goal => "durable logins of 64 callers against Orleans with a write for each state, on PostgreSQL: at least 4 times; on SQLite 10 times";

    public string? Missing => PostgreSqlServer.WhyNot;

    public async Task Run(Runner runner, Report report)
    {
        using var server = PostgreSqlServer.StartDurable();
        await using var host = await ProductHost.Start(ProductHost.OnPostgreSql(server.CreateDatabase()));
        await using var small = await ProductHost.Start();
        using var stock = StockProcess.Start("postgresql", server.CreateDatabase());
        using var stockSmall = StockProcess.Start("sqlite-adonet", Path.Combine(host.Folder, "stock.db"));
        using var stockTogether = StockProcess.Start("sqlite-adonet-together", Path.Combine(host.Folder, "stock-one.db"));
        using var least = StockProcess.Start("sqlite", Path.Combine(host.Folder, "least.db"));
        using var leastTogether = StockProcess.Start("sqlite-together", Path.Combine(host.Folder, "least-one.db"));
        var next = 0L;
        var medians = await runner.Alternate(
            new Side("logins, PostgreSQL", length => Load.Run(length, _ => Person.LogIn(host.Grains, Interlocked.Increment(ref next)))),
            new Side("logins, SQLite", length => Load.Run(length, _ => Person.LogIn(small.Grains, Interlocked.Increment(ref next)))),
            new Side("three writes, Orleans, PostgreSQL", stock.Run),
            new Side("three writes, Orleans, SQLite", stockSmall.Run),
            new Side("one write, Orleans, SQLite", stockTogether.Run),
            new Side("three writes, Orleans, least storage over SQLite", least.Run),
            new Side("one write, Orleans, least storage over SQLite", leastTogether.Run));
        report.AtLeast(Name, "logins/s, PostgreSQL, three writes", medians[0].PerSecond, medians[2].PerSecond, 4);
        report.AtLeast(Name, "logins/s, SQLite, three writes", medians[1].PerSecond, medians[3].PerSecond, 10);
        report.AtLeast(Name, "logins/s, SQLite, one write", medians[1].PerSecond, medians[4].PerSecond, 10);
        report.Note(Name, "logins/s, SQLite, three writes of the least storage", medians[1].PerSecond, medians[5].PerSecond);
        report.Note(Name, "logins/s, SQLite, one write of the least storage", medians[1].PerSecond, medians[6].PerSecond);
    }
}
