using SessionCluster.Bench.Rounds;
using SessionCluster.Testing.PostgreSql;

namespace SessionCluster.Bench.Storage;

/// <summary>
/// Logins of new users through their grains into PostgreSQL, against Npgsql executing the same statement, and against a commit for
/// each row.
/// </summary>
internal sealed class DurableLoginsPostgreSql : IComparison
{
    public string Name => "logins-postgresql";

    public string Goal => "durable logins of 64 callers on PostgreSQL against bare Npgsql with one statement each on 64 connections: at least 2; also against a commit for each row";

    public string? Missing => PostgreSqlServer.WhyNot;

    public async Task Run(Runner runner, Report report)
    {
        using var server = PostgreSqlServer.StartDurable();
        var database = server.CreateDatabase();
        await using var host = await ProductHost.Start(ProductHost.OnPostgreSql(database));
        var next = 0L;
        await Person.LogIn(host.Grains, next);
        await using var bare = await BarePostgreSql.Open(database, Load.Callers, inOne: true);
        await using var separate = await BarePostgreSql.Open(database, Load.Callers, inOne: false);
        var medians = await runner.Alternate(
            new Side("logins", length => Load.Run(length, _ => Person.LogIn(host.Grains, Interlocked.Increment(ref next)))),
            new Side("bare Npgsql", length => Load.Run(length, bare.Insert)),
            new Side("separate writes", length => Load.Run(length, separate.Insert)));
        report.AtLeast(Name, "logins/s, 64 callers", medians[0].PerSecond, medians[1].PerSecond, 2);
        report.Note(Name, "logins/s, against a commit for each row", medians[0].PerSecond, medians[2].PerSecond);
        report.Note(Name, "p99, µs", medians[0].P99Micros, medians[1].P99Micros);
    }
}
