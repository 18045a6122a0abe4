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

    /// <summary>The ledger row and the deletion of its ended sessions are not one transaction.</summary>
    SplitWrite,

    /// <summary>A caller answers after the commit without telling.</summary>
    NoTelling,

    /// <summary>A membership counts as settled by the age of the change, also at a member that has only just heard of it.</summary>
    SettledUnheard,

    /// <summary>A member that hears of a change when the others have settled serves at once.</summary>
    ServesLate,

    /// <summary>A membership settles F + L after a change: the time in which members give up what is elsewhere is left out.</summary>
    SettlesSoon,
}

/// <summary>Cases that chance alone brings together too seldom. Only their moments differ from seed to seed.</summary>
public enum Script
{
    None,

    /// <summary>An evicted member goes on for long without knowing it and is asked again and again, while another one ends the session.</summary>
    StaleMember,

    /// <summary>An evicted member that knows of no session is told, twice, to end what another one has just begun.</summary>
    StaleEnding,

    /// <summary>The answer that would renew a lease is on its way while the session is ended.</summary>
    LateAnswer,

    /// <summary>A caller dies between the commit and the telling; another one repeats its request, with its key or without.</summary>
    Repeat,

    /// <summary>A session grain leaves while edges hold shares, and the session is ended.</summary>
    Leaving,

    /// <summary>A session that one edge asked for is asked for by another when its lease is nearly over, and is ended when it is.</summary>
    LateShare,

    /// <summary>Data changes while the acknowledgements of edges are slow, and the session is ended.</summary>
    LateAcknowledgement,

    /// <summary>A session is ended twice while an edge that holds a share cannot be reached, or the nodes' wall clocks jump.</summary>
    TwoEndings,

    /// <summary>
    /// A session whose idle time is shorter than a lease is used again and again, mostly from an edge's memory; by turns while a member
    /// that had it lingers after its eviction.
    /// </summary>
    InUse,

    /// <summary>A member hears late that grains have moved. It is asked, told and learns in between.</summary>
    LaggingMember,

    /// <summary>A machine sleeps, so that its monotonic clock stands still, while its session is ended; by turns it is evicted meanwhile.</summary>
    Sleeping,

    /// <summary>A member that has not heard of a change for long learns of it while it is asked, told, and given data.</summary>
    Learning,

    /// <summary>A member that knows of a change goes on for a while with a user's grain that is elsewhere by then, and its ending is slow.</summary>
    GivenUp,
}

/// <summary>What one history is made of; everything else follows from the seed.</summary>
internal sealed record SimPlan(int Seed)
{
    public static IReadOnlyList<Type> ProductionGrains { get; } = [typeof(UserGrain), typeof(SessionGrain)];

    public static Func<IGrainFactory, TimeProvider, Guid, IEdgePort> ProductionEdge { get; } = static (grains, time, id) => new EdgePort(grains, time, id);

    public IReadOnlyList<Type> Grains { get; init; } = ProductionGrains;

    public Func<IGrainFactory, TimeProvider, Guid, IEdgePort> NewEdge { get; init; } = ProductionEdge;

    /// <summary>Processes without grains, beside the nodes.</summary>
    public int Fronts { get; init; } = 1;

    /// <summary>Several processes over one database and one table of members: not one machine alone.</summary>
    public bool IsCluster => Nodes > 1 || Fronts > 0;

    /// <summary>The idle timeout; where it is on, so is a sweeper.</summary>
    public string Idle { get; init; } = "seconds=0";

    private const string ShorterThanLease = "seconds=4";

    public bool HasIdle => Idle != "seconds=0";

    /// <summary>Wall clocks are set, by up to ten seconds either way.</summary>
    public bool WallJumps { get; init; }

    public int Nodes { get; init; } = 1;

    public int Users { get; init; } = 1;

    public int Clients { get; init; } = 3;

    /// <summary>Operations of each client.</summary>
    public int Operations { get; init; } = 6;

    public int Cap { get; init; }

    public bool Deny { get; init; }

    /// <summary>Chance that an operation is accompanied by a fault.</summary>
    public double Faults { get; init; } = 0.25;

    /// <summary>Nothing breaks but that members are evicted and linger; the clients mostly use sessions.</summary>
    public bool OnlyEvictions { get; init; }

    public Script Script { get; init; }

    /// <summary>
    /// The other kind of watch: no process knows that it was evicted, but while one lingers the membership is never called unchanged.
    /// Then it is the ageing of what a user grain knows that ends its leases.
    /// </summary>
    public bool LingeringIsSeen { get; init; }

    /// <summary>Of so many messages between nodes one is slow, by up to twelve seconds.</summary>
    public int SlowOneIn { get; init; } = 50;

    /// <summary>Of so many reads and writes, of rows and of the table of members, one is slow.</summary>
    public int SlowStorageOneIn { get; init; } = int.MaxValue;

    public Flaw Flaw { get; init; }

    /// <summary>A plan drawn from its seed: sizes, caps and faults differ, so that few and many things meet.</summary>
    public static SimPlan Draw(int seed, bool cluster)
    {
        var random = new Random(seed);
        var focus = cluster ? random.Next(8) : 0;
        if (focus > 5 || focus == 3)
        {
            Script[] stale = [Script.StaleMember, Script.LaggingMember, Script.Sleeping, Script.Learning, Script.GivenUp];
            return Scripted(seed, focus == 3 ? stale[random.Next(stale.Length)] : (Script)random.Next((int)Script.StaleEnding, (int)Script.LaggingMember));
        }

        var wallJumps = random.Next(4) == 0;
        return new SimPlan(seed)
        {
            WallJumps = wallJumps,
            Idle = wallJumps ? "seconds=0" : random.Next(6) switch { 0 => "seconds=10", 1 => ShorterThanLease, _ => "seconds=0" },
            Fronts = cluster ? 1 + random.Next(2) : random.Next(3) == 0 ? 1 : 0,
            OnlyEvictions = focus == 1,
            LingeringIsSeen = random.Next(2) == 0,
            SlowOneIn = focus == 2 ? 5 : 50,
            SlowStorageOneIn = random.Next(4) == 0 ? 20 : int.MaxValue,
            Nodes = cluster ? 2 + random.Next(2) : 1,
            Users = focus > 0 ? 1 : 1 + random.Next(2),
            Clients = 2 + random.Next(4),
            Operations = (focus > 0 ? 8 : 3) + random.Next(6),
            Cap = random.Next(3) == 0 ? 1 + random.Next(3) : 0,
            Deny = random.Next(2) == 0,
            Faults = focus == 1 ? 0.15 : focus == 2 || random.Next(3) == 0 ? 0 : 0.5 * random.NextDouble(),
        };
    }

    /// <summary>A plan of one script; its moments follow from the seed.</summary>
    public static SimPlan Scripted(int seed, Script script) => new(seed)
    {
        Nodes = script == Script.Learning ? 3 : 2,
        Script = script,
        Idle = script == Script.InUse ? ShorterThanLease : "seconds=0",
        SlowStorageOneIn = script == Script.Learning ? 2 + (2 * (seed % 2)) : script == Script.GivenUp && seed % 2 == 0 ? 2 : int.MaxValue,
        SlowOneIn = script is Script.LateAnswer or Script.LateAcknowledgement ? 3 : script == Script.LaggingMember ? 6 : int.MaxValue,
        LingeringIsSeen = script is not (Script.LaggingMember or Script.InUse or Script.Learning or Script.GivenUp) && new Random(seed).Next(2) == 0,
    };
}
