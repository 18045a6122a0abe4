using System.Diagnostics;
using System.Globalization;
using SessionCluster.Bench.Grains;
using SessionCluster.Bench.Rounds;
using SessionCluster.Users;

namespace SessionCluster.Bench.Memory;

/// <summary>What a live session costs in memory, all included. Each figure is measured in a process of its own.</summary>
internal sealed class HeldSessions : IComparison
{
    /// <summary>So many sessions; fewer, by the environment, while something is tried out.</summary>
    private static readonly int Sessions = int.Parse(Environment.GetEnvironmentVariable("BENCH_SESSIONS") ?? "1000000", CultureInfo.InvariantCulture);

    private const double Goal12 = 1.2 * 1024;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    public string Name => "memory";

    public string Goal => "bytes of a session held in memory, at a million, its share of the user's grain included: at most 1.2 KiB";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        foreach (var (perUser, withPlace) in ((int, bool)[])[(1, false), (1, true), (10, false), (10, true)])
        {
            var kind = $"{perUser} of a user, {(withPlace ? "with" : "without")} a place";
            var (heap, process) = await Measure(perUser, withPlace, atRest: true);
            report.Limit(Name, $"{kind}: at rest, heap", heap, Goal12);
            report.Limit(Name, $"{kind}: at rest, process", process, Goal12);
            (heap, process) = await Measure(perUser, withPlace, atRest: false);
            report.Limit(Name, $"{kind}: in use, heap", heap, Goal12);
            report.Limit(Name, $"{kind}: in use, process", process, Goal12);
        }
    }

    /// <summary>The process' side: prints bytes a session of heap and process.</summary>
    /// <param name="perUser">Sessions of one user.</param>
    /// <param name="withPlace">Whether sessions carry a network and a place.</param>
    /// <param name="atRest">
    /// Whether the uses are stored and the users' grains gone, as some minutes after the last use. To wait less, both ages are short.
    /// </param>
    public static async Task MeasureHere(int perUser, bool withPlace, bool atRest)
    {
        _ = EndWithStarter();
        var rows = new MadeUpRows(perUser, withPlace, idle: atRest ? TimeSpan.FromSeconds(10) : TimeSpan.Zero);
        await using var host = await GrainHost.Start(rows, options =>
        {
            if (atRest)
            {
                options.SetIdleAge(typeof(UserGrain), Moment);
                options.CollectionInterval = Moment;
            }
        });
        await host.Session(0).Validate(GrainHost.Use(0));
        var (heap, process) = (GC.GetTotalMemory(forceFullCollection: true), Resident());
        for (var number = 1; number <= Sessions; number++)
        {
            if (!(await host.Session(number).Validate(GrainHost.Use(number))).IsActive)
            {
                throw new InvalidOperationException("A session that is there was refused.");
            }
        }

        await Task.Delay(atRest ? 6 * Moment : TimeSpan.Zero);
        var figures = Figures(heap, process);
        Console.WriteLine(string.Join(' ', figures.Append(host.Engine.ActivationCount).Select(figure => figure.ToString("F0", CultureInfo.InvariantCulture))));
    }

    private static double[] Figures(long heap, long process) =>
        [(GC.GetTotalMemory(forceFullCollection: true) - heap) / (double)Sessions, (Resident() - process) / (double)Sessions];

    private static async Task<(double Heap, double Process)> Measure(int perUser, bool withPlace, bool atRest)
    {
        string[] arguments = ["exec", typeof(HeldSessions).Assembly.Location, "memory", $"{perUser}", $"{withPlace}", $"{atRest}"];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        var text = (await process.StandardOutput.ReadToEndAsync()).Trim();
        Console.WriteLine($"  {perUser} of a user, place {withPlace}, at rest {atRest}: heap, process, activations: {text}");
        var figures = text.Split(' ').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return (figures[0], figures[1]);
    }

    // Its starter holds the other end of its input.
    private static async Task EndWithStarter()
    {
        await Console.OpenStandardInput().CopyToAsync(Stream.Null);
        Environment.Exit(1);
    }

    private static long Resident()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
