using Xunit;
using Xunit.Abstractions;

namespace SessionCluster.Simulation;

/// <summary>The test of the test: with a protection switched off, some history must break a promise.</summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    /// <summary>Histories, of one node and of a cluster by turns, in which a mutant must be caught.</summary>
    private const int MaxHistories = 20_000;

    public static TheoryData<Mutant> Mutations => [.. Mutants.All];

    [Theory]
    [MemberData(nameof(Mutations))]
    public void A_mutant_of_the_grains_is_caught(Mutant mutant)
    {
        ArgumentNullException.ThrowIfNull(mutant);
        var grains = Mutants.Compile(mutant);
        Assert.True(IsCaught(mutant.Name, plan => plan with { Grains = grains }), $"no history caught the mutant '{mutant}'");
    }

    [Theory]
    [InlineData(Flaw.NoTelling)]
    [InlineData(Flaw.UnfencedWrite)]
    [InlineData(Flaw.TouchInserts)]
    [InlineData(Flaw.SplitWrite)]
    internal void A_flaw_of_the_surroundings_is_caught(Flaw flaw) =>
        Assert.True(IsCaught($"{flaw}", plan => plan with { Flaw = flaw }), $"no history caught the flaw {flaw}");

    [Fact]
    public void A_failing_history_shrinks_to_one_that_fails_too()
    {
        var failing = Enumerable.Range(0, 1000).Select(seed => SimPlan.Draw(seed, cluster: true) with { Flaw = Flaw.NoTelling })
            .First(plan => plan is { StaleMember: false, Clients: > 2 } && SimHistory.Run(plan) is not null);

        var smallest = SimShrink.Smallest(failing);

        Assert.NotNull(SimHistory.Run(smallest));
        Assert.True(smallest.Clients * smallest.Operations < failing.Clients * failing.Operations, $"{failing} became {smallest}");
    }

    [Fact]
    public void The_same_seed_gives_the_same_history()
    {
        SimHistory.Run(SimPlan.Draw(7, cluster: true), out var first);
        SimHistory.Run(SimPlan.Draw(7, cluster: true), out var second);
        Assert.NotEmpty(first);
        Assert.Equal(first, second);
    }

    private bool IsCaught(string name, Func<SimPlan, SimPlan> change)
    {
        for (var i = 0; i < MaxHistories; i++)
        {
            var (seed, cluster) = (i / 2, i % 2 == 1);
            if (SimHistory.Run(change(SimPlan.Draw(seed, cluster)), out _) is { } failure)
            {
                output.WriteLine($"{name} | {(cluster ? "cluster" : "one node")} seed {seed} | {failure}");
                return true;
            }
        }

        return false;
    }
}
