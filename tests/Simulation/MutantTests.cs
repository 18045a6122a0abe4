using Xunit.Abstractions;

namespace SessionCluster.Simulation;

/// <summary>The test of the test: with a protection switched off, some history must break a promise.</summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    /// <summary>Histories, of one node and of a cluster by turns, in which a mutant must be caught.</summary>
    private const int MaxHistories = 20_000;

    /// <summary>How many are tried where a mutant was caught once: a change of the grains moves that.</summary>
    private const int AtHint = 100;

    /// <summary>All, or those whose name holds the text of SIMULATION_MUTANT.</summary>
    public static TheoryData<Mutant> Mutations => [.. Mutants.All.Where(m => m.Name.Contains(Environment.GetEnvironmentVariable("SIMULATION_MUTANT") ?? "", StringComparison.Ordinal))];

    public static TheoryData<Mutant> Trespasses => [.. Mutants.Trespasses];

    [Theory]
    [MemberData(nameof(Mutations))]
    public void A_mutant_is_caught(Mutant mutant)
    {
        ArgumentNullException.ThrowIfNull(mutant);
        Assert.True(Catch(mutant.Name, Mutants.Compile(mutant), mutant.Script, mutant.Near) is not null, $"no history caught the mutant '{mutant}'");
    }

    /// <summary>What is compiled for a mutant keeps the promises where nothing is switched off: else each would be caught, whatever it is.</summary>
    [Fact]
    public void What_is_compiled_without_a_change_is_not_caught()
    {
        var change = Mutants.Compile(new Mutant("none", "Grains/Users/Ledger.cs", "public sealed class Ledger(", "public sealed class Ledger("));

        Assert.Null(SimSearch.FirstFailing(1_000, i => change(Plan(i)))?.Failure);
        foreach (var script in Enum.GetValues<Script>().Where(script => script != Script.None))
        {
            Assert.Null(SimSearch.FirstFailing(100, i => change(SimPlan.Scripted(i, script)))?.Failure);
        }
    }

    [Theory]
    [InlineData(Flaw.NoTelling)]
    [InlineData(Flaw.UnfencedWrite)]
    [InlineData(Flaw.TouchInserts)]
    [InlineData(Flaw.SplitWrite)]
    [InlineData(Flaw.SettledUnheard, Script.GivenUp)]
    [InlineData(Flaw.ServesLate, Script.GivenUp)]
    [InlineData(Flaw.SettlesSoon, Script.Learning)]
    internal void A_flaw_of_the_surroundings_is_caught(Flaw flaw, Script script = Script.None) =>
        Assert.True(Catch($"{flaw}", plan => plan with { Flaw = flaw }, script) is not null, $"no history caught the flaw {flaw}");

    /// <summary>What the simulation cannot run under a seed is the failure of the history that did it, and of no other.</summary>
    [Theory]
    [MemberData(nameof(Trespasses))]
    public void A_grain_that_leaves_the_simulation_is_reported_with_its_place(Mutant mutant)
    {
        ArgumentNullException.ThrowIfNull(mutant);

        var failure = Catch(mutant.Name, Mutants.Compile(mutant), near: mutant.Near)?.Failure;

        Assert.NotNull(failure);
        Assert.True(failure.Contains("another thread", StringComparison.Ordinal) || failure.Contains("real time", StringComparison.Ordinal), failure);
        Assert.Contains(Path.GetFileName(mutant.File)[..4], failure, StringComparison.OrdinalIgnoreCase);
        Assert.Null(SimSearch.FirstFailing(100, i => Plan(i))?.Failure);
    }

    [Fact]
    public void A_failing_history_shrinks_to_one_that_fails_too()
    {
        var failing = Enumerable.Range(0, 1000).Select(seed => SimPlan.Draw(seed, cluster: true) with { Flaw = Flaw.NoTelling })
            .First(plan => plan is { Script: Script.None, Clients: > 2 } && SimHistory.Run(plan).Failure is not null);

        var smallest = SimShrink.Smallest(failing);

        Assert.NotNull(SimHistory.Run(smallest).Failure);
        Assert.True(smallest.Clients * smallest.Operations < failing.Clients * failing.Operations, $"{failing} became {smallest}");
    }

    private static SimPlan Plan(int i) => SimPlan.Draw(i / 2, cluster: i % 2 == 1);

    private SimHistory? Catch(string name, Func<SimPlan, SimPlan> change, Script script = Script.None, int near = 0)
    {
        var history = (near > 0 ? SimSearch.FirstFailing(AtHint, i => Made(near + i)) : null) ?? SimSearch.FirstFailing(MaxHistories, Made);
        if (history is not null)
        {
            output.WriteLine($"{name} | {(history.Plan.Nodes == 1 ? "one node" : script == Script.None ? "cluster" : $"script {script}")}, seed {history.Plan.Seed} | {history.Failure}");
        }

        return history;

        SimPlan Made(int i) => change(script == Script.None ? Plan(i) : SimPlan.Scripted(i, script));
    }
}
