using Xunit.Abstractions;

namespace SessionCluster.Simulation;

public sealed class FlawTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(Flaw.NoTelling)]
    [InlineData(Flaw.UnfencedWrite)]
    [InlineData(Flaw.TouchInserts)]
    [InlineData(Flaw.SplitWrite)]
    [InlineData(Flaw.BlindMembership)]
    internal void A_flaw_of_the_surroundings_is_caught(Flaw flaw)
    {
        for (var seed = 0; seed < 20000; seed++)
        {
            if (SimHistory.Run(SimPlan.Draw(seed, cluster: true) with { Flaw = flaw }, out var trace) is { } failure)
            {
                output.WriteLine($"{flaw}: seed {seed}: {failure}");
                output.WriteLine(trace);
                return;
            }
        }

        Assert.Fail("not caught");
    }
}
