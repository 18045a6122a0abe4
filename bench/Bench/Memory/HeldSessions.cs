using System.Globalization;
using SessionCluster.Bench.Http;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Memory;

/// <summary>What a session in use costs in memory, its user's grain included: Orleans' two activations and what is ours.</summary>
internal sealed class HeldSessions : IComparison
{
    private const double MostBytes = 6.5 * 1024;

    /// <summary>So many sessions; fewer, by the environment, while something is tried out.</summary>
    private static readonly int Sessions = int.Parse(Environment.GetEnvironmentVariable("BENCH_SESSIONS") ?? "100000", CultureInfo.InvariantCulture);

    public string Name => "memory";

    public string Goal => $"bytes of heap for a session in use, with its user's grain, at {Sessions}: at most 6.5 KiB";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        await using var server = await ServerProcess.Start();
        var warm = await Logins.Make(server.Api, 100);
        await Logins.Check(server.Api, warm);
        var before = await Heap(server);
        var logins = await Logins.Make(server.Api, Sessions, first: 1_000_000);
        await Logins.Check(server.Api, logins);
        var each = (await Heap(server) - before) / Sessions;
        Console.WriteLine($"  {Sessions} sessions of a user each, logged in and checked: {each:F0} bytes each");
        report.Limit(Name, "bytes of heap for a session in use", each, MostBytes);
    }

    private static async Task<double> Heap(ServerProcess server) =>
        double.Parse(await server.Api.GetStringAsync(MeasuredHost.HeapPath), CultureInfo.InvariantCulture);
}
