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
        for (var seed = First; seed < First + Histories; seed++)
        {
            var plan = SimPlan.Draw(seed, cluster);
            if (SimHistory.Run(plan, out var trace) is { } failure)
            {
                output.WriteLine(trace);
                var smallest = SimShrink.Smallest(plan);
                SimHistory.Run(smallest, out var shortest);
                output.WriteLine($"The smallest like it: {smallest}\n{shortest}");
                Assert.Fail($"seed {seed}, {(cluster ? "cluster" : "one node")}: {failure}");
            }
        }
    }
}
