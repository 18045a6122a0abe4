using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>Mistakes of the surroundings; those of the grains are patches of their sources (<see cref="Mutants"/>).</summary>
internal enum Flaw
{
    None,

    /// <summary>The ledger write ignores the version it was based on.</summary>
    UnfencedWrite,

    /// <summary>The write of a last use inserts the row when it is gone.</summary>
    TouchInserts,

    /// <summary>The ledger row and the deletion of its dead sessions are not one transaction.</summary>
    SplitWrite,

    /// <summary>A caller answers after the commit without telling.</summary>
    NoTelling,

    /// <summary>The cluster's membership is believed never to change.</summary>
    BlindMembership,
}

/// <summary>What one history is made of; everything else follows from the seed.</summary>
internal sealed record SimPlan(int Seed)
{
    public static IReadOnlyList<Type> ProductionGrains { get; } = [typeof(UserGrain), typeof(SessionGrain)];

    public IReadOnlyList<Type> Grains { get; init; } = ProductionGrains;

    public int Nodes { get; init; } = 1;

    public int Users { get; init; } = 1;

    public int Clients { get; init; } = 3;

    /// <summary>Operations of each client.</summary>
    public int Operations { get; init; } = 6;

    public int Cap { get; init; }

    public bool Deny { get; init; }

    /// <summary>Chance that an operation is accompanied by a fault.</summary>
    public double Faults { get; init; } = 0.25;

    public Flaw Flaw { get; init; }

    /// <summary>A plan drawn from its seed: sizes, caps and faults differ, so that few and many things meet.</summary>
    public static SimPlan Draw(int seed, bool cluster)
    {
        var random = new Random(seed);
        return new SimPlan(seed)
        {
            Nodes = cluster ? 2 + random.Next(2) : 1,
            Users = 1 + random.Next(2),
            Clients = 2 + random.Next(4),
            Operations = 3 + random.Next(6),
            Cap = random.Next(3) == 0 ? 1 + random.Next(3) : 0,
            Deny = random.Next(2) == 0,
            Faults = random.Next(3) == 0 ? 0 : 0.5 * random.NextDouble(),
        };
    }
}
