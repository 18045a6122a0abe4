using System.Globalization;
using SessionCluster.Bench.Http;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Memory;

/// <summary>What a session in use costs in memory, its user's grain included: Orleans' two activations and what is ours.</summary>
internal sealed class HeldSessions : IComparison
{
    private const double MostBytes = 6.5 * 1024;

    private const double MostBytesAtTheEdge = 1.2 * 1024;

    private const int AtTheEdge = 10_000;

    private static readonly TimeSpan Over = TimeSpan.FromSeconds(20);

    /// <summary>So many sessions; fewer, by the environment, while something is tried out.</summary>
    private static readonly int Sessions = int.Parse(Environment.GetEnvironmentVariable("BENCH_SESSIONS") ?? "100000", CultureInfo.InvariantCulture);

    public string Name => "memory";

    public string Goal => $"bytes of heap for a session in use, with its user's grain, at {Sessions}: at most 6.5 KiB; a share at the edge with a ready answer: at most 1.2 KiB";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        await using (var server = await ServerProcess.Start("Edge:MaxSessions=0"))
        {
            await Logins.Check(server.Api, await Logins.Make(server.Api, 100));
            var before = await Heap(server);
            await Logins.Check(server.Api, await Logins.Make(server.Api, Sessions, first: 1_000_000));
            report.Limit(Name, "bytes of heap for a session in use with its user's grain", (await Heap(server) - before) / Sessions, MostBytes);
        }

        // What else goes away within that time, as buffers of connections, does so without an edge as well.
        report.Limit(
            Name, "bytes of heap for a share at the edge with a ready answer", (await LetGo("Edge:MaxSessions=100000") - await LetGo("Edge:MaxSessions=0")) / AtTheEdge, MostBytesAtTheEdge);
    }

    /// <summary>How many bytes the process lets go of when the shares of sessions are over that were checked a moment ago.</summary>
    private static async Task<double> LetGo(string edge)
    {
        // Leases long enough that all shares hold at first.
        await using var server = await ServerProcess.Start("Leases:Duration=seconds=10", edge);
        var logins = await Logins.Make(server.Api, AtTheEdge);
        await Logins.Check(server.Api, logins);
        await Task.Delay(Over);
        await Logins.Check(server.Api, logins);
        var held = await Heap(server);
        await Task.Delay(Over);
        return held - await Heap(server);
    }

    private static async Task<double> Heap(ServerProcess server) =>
        double.Parse(await server.Api.GetStringAsync(MeasuredHost.HeapPath), CultureInfo.InvariantCulture);
}
