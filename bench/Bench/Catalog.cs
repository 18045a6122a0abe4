using SessionCluster.Bench.Clients;
using SessionCluster.Bench.Growth;
using SessionCluster.Bench.Http;
using SessionCluster.Bench.Memory;
using SessionCluster.Bench.Revocation;
using SessionCluster.Bench.Rounds;
using SessionCluster.Bench.Storage;

namespace SessionCluster.Bench;

/// <summary>Everything that can be measured. A new comparison is a class of its own and a line here.</summary>
internal static class Catalog
{
    public static IReadOnlyList<IComparison> All { get; } =
    [
        new CurrentByCookie(),
        new ValidateByService(),
        new CurrentByCookie("-2000", sessions: 2000, least: 0.80),
        new ValidateByService("-2000", sessions: 2000, least: 0.80),
        new CurrentByCookie("-member", Place.Member, least: 0.85),
        new ValidateByService("-member", Place.Member, least: 0.85),
        new CurrentByCookie("-api", Place.Api, least: 0.85),
        new ValidateByService("-api", Place.Api, least: 0.85),
        new CurrentByCookie("-2000-member", Place.Member, sessions: 2000, least: 0.80),
        new ValidateByService("-2000-member", Place.Member, sessions: 2000, least: 0.80),
        new CurrentByCookie("-2000-api", Place.Api, sessions: 2000, least: 0.80),
        new ValidateByService("-2000-api", Place.Api, sessions: 2000, least: 0.80),
        new SideBySide(),
        new LoginsWithAlerts(),
        new ColdCheck(),
        new HeldSessions(),
        new DurableLoginsSqlite(),
        new DurableLoginsPostgreSql(),
        new DurableLoginsOrleans(),
        new ManySessionsOfOne(),
        new EndingOfMany(),
        new MillionOnSqlite(),
        new MillionOnPostgreSql(),
        new PagesOnSqlite(),
        new RevocationLatency(),
        new EndingOfShares(),
        new EndingOfManyShares(),
        new HandlerCost(),
    ];
}
