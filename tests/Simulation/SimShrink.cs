namespace SessionCluster.Simulation;

/// <summary>Finds a smaller plan that fails as well, by taking away clients, operations, users, nodes and faults as long as it does.</summary>
internal static class SimShrink
{
    /// <summary>Seeds tried for each smaller shape: with less in it, a history of the same seed goes another way.</summary>
    private const int SeedsPerShape = 50;

    public static SimPlan Smallest(SimPlan failing)
    {
        for (var smaller = Smaller(failing); smaller is not null; smaller = Smaller(failing))
        {
            failing = smaller;
        }

        return failing;
    }

    private static SimPlan? Smaller(SimPlan plan) => Shapes(plan).Distinct().Where(shape => shape != plan).Select(FirstFailing).FirstOrDefault(found => found is not null);

    private static IEnumerable<SimPlan> Shapes(SimPlan plan)
    {
        if (plan.Script != Script.None)
        {
            yield break;
        }

        yield return plan with { Users = 1 };
        yield return plan with { Clients = Math.Max(1, plan.Clients / 2) };
        yield return plan with { Clients = Math.Max(1, plan.Clients - 1) };
        yield return plan with { Operations = Math.Max(1, plan.Operations / 2) };
        yield return plan with { Operations = Math.Max(1, plan.Operations - 1) };
        yield return plan with { Nodes = Math.Max(1, plan.Nodes - 1) };
        yield return plan with { Fronts = Math.Max(0, plan.Fronts - 1) };
        yield return plan with { Faults = plan.Faults < 0.05 ? 0 : plan.Faults / 2 };
    }

    private static SimPlan? FirstFailing(SimPlan shape) =>
        SimSearch.FirstFailing(SeedsPerShape, offset => shape with { Seed = shape.Seed + offset })?.Plan;
}
