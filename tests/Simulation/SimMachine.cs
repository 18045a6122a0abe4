using SessionCluster.Sessions;

namespace SessionCluster.Simulation;

/// <summary>One process of a history with the edge in it: it can crash, stall, sleep, be cut off and have its wall clock set.</summary>
internal abstract class SimMachine(SimCluster cluster, SimLoop loop)
{
    private readonly List<Action> _held = [];
    private readonly List<TaskCompletionSource<EdgeSeen>> _checks = [];
    private IEdgePort? _edge;

    public abstract string Name { get; }

    public abstract SimProcess Process { get; }

    public SimClock Clock { get; } = new(loop.Time);

    public IEdgePort Edge => _edge ??= cluster.NewEdge(this);

    /// <summary>Cut off from the other machines; storage and clients still reach it.</summary>
    public bool IsCutOff { get; set; }

    public bool IsStalled { get; private set; }

    public void Schedule(Action item)
    {
        if (!IsStalled)
        {
            loop.Add(item);
        }
        else if (loop.IsOnItsThread(null))
        {
            _held.Add(item);
        }
    }

    public void Stall() => IsStalled = true;

    /// <summary>As a stall, but its monotonic clock stands still, too.</summary>
    public void Sleep()
    {
        Stall();
        Clock.Sleep();
    }

    public void Resume()
    {
        Clock.Wake();
        IsStalled = false;
        _held.ForEach(loop.Add);
        _held.Clear();
    }

    /// <summary>A client's check here. It fails when the process crashes before its answer.</summary>
    public Task<EdgeSeen> Check(SessionId session, ClientFacts client)
    {
        var check = new TaskCompletionSource<EdgeSeen>();
        _checks.Add(check);
        Process.Post(async () =>
        {
            try
            {
                check.TrySetResult(await Edge.Check(session, client));
            }
            catch (Exception exception)
            {
                check.TrySetException(exception);
            }

            _checks.Remove(check);
        });
        return check.Task;
    }

    /// <summary>The process ends and starts again at once, as another one.</summary>
    public virtual void Crash()
    {
        Process.Crash();
        _edge?.Dispose();
        _edge = null;
        var open = _checks.ToArray();
        _checks.Clear();
        foreach (var check in open)
        {
            check.TrySetException(new IOException("The process crashed."));
        }
    }
}

/// <summary>A process without grains, that answers over HTTP only.</summary>
internal sealed class SimFront : SimMachine
{
    public SimFront(SimCluster cluster, SimLoop loop, int index)
        : base(cluster, loop)
    {
        Name = $"front {index}";
        Process = new SimClient($"front{index}", cluster.Grains, loop, cluster.Route) { Schedule = Schedule };
    }

    public override string Name { get; }

    public override SimProcess Process { get; }
}
