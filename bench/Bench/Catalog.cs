using SessionCluster.Bench.Calls;
using SessionCluster.Bench.Http;
using SessionCluster.Bench.Memory;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench;

/// <summary>Everything that can be measured. A new comparison is a class of its own and a line here.</summary>
internal static class Catalog
{
    public static IReadOnlyList<IComparison> All { get; } =
    [
        new CurrentByCookie(),
        new CurrentByToken(),
        new ValidateByService(),
        new CheckInProcess(),
        new ColdCheck(),
        new HeldSessions(),
    ];
}
