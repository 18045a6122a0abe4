using Xunit.Abstractions;

namespace SessionCluster.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>SIMULATION_FIRST_SEED: where to begin, for a failing seed or for histories not seen before.</summary>
    private static int First => int.TryParse(Environment.GetEnvironmentVariable("SIMULATION_FIRST_SEED"), out var n) ? n : 0;

    /// <summary>Histories of each kind in the ordinary test run; SIMULATION_HISTORIES asks for another number.</summary>
    private static int Histories => int.TryParse(Environment.GetEnvironmentVariable("SIMULATION_HISTORIES"), out var n) ? n : 1000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_history_keeps_the_promises(bool cluster)
    {
        if (SimSearch.FirstFailing(Histories, i => SimPlan.Draw(First + i, cluster)) is { } history)
        {
            output.WriteLine(history.Trace);
            var smallest = SimShrink.Smallest(history.Plan);
            output.WriteLine($"The smallest like it: {smallest}\n{SimHistory.Run(smallest).Trace}");
            Assert.Fail($"seed {history.Plan.Seed}, {(cluster ? "cluster" : "one node")}: {history.Failure}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_same_seed_gives_the_same_history_on_any_thread(bool cluster)
    {
        var seeds = Enumerable.Range(0, 100);
        var expected = seeds.Select(seed => SimHistory.Run(SimPlan.Draw(seed, cluster)).Trace).ToArray();

        var traces = new string[2][];
        var threads = traces.Select((_, i) => new Thread(() => traces[i] = [.. seeds.Select(seed => SimHistory.Run(SimPlan.Draw(seed, cluster)).Trace)])).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());

        Assert.DoesNotContain("", expected);
        Assert.Equal(expected, traces[0]);
        Assert.Equal(expected, traces[1]);
    }
}
