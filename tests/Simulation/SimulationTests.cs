using Xunit.Abstractions;

namespace SessionCluster.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    /// <summary>Histories of each kind in the ordinary test run; SIMULATION_HISTORIES asks for another number.</summary>
    private static int Histories => int.TryParse(Environment.GetEnvironmentVariable("SIMULATION_HISTORIES"), out var n) ? n : 2000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_history_keeps_the_promises(bool cluster)
    {
        for (var seed = 0; seed < Histories; seed++)
        {
            if (SimHistory.Run(SimPlan.Draw(seed, cluster), out var trace) is { } failure)
            {
                output.WriteLine(trace);
                Assert.Fail($"seed {seed}, {(cluster ? "cluster" : "one node")}: {failure}");
            }
        }
    }
}
