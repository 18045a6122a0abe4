using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>One node: an engine of its own over the storage of all, which can crash, stall, and be cut off.</summary>
internal sealed class SimNode : ITurnScheduler, IServiceProvider, IMembershipWatch
{
    private readonly SimCluster _cluster;
    private readonly SimLoop _loop;
    private readonly List<Action> _held = [];
    private UserGrainServices? _forUsers;
    private SessionGrainServices? _forSessions;

    /// <summary>When this node last read in the table that it is a member.</summary>
    private long? _seenAsMember;

    public SimNode(SimCluster cluster, SimLoop loop, int index)
    {
        (_cluster, _loop, Index) = (cluster, loop, index);
        var options = new EngineOptions { CallTimeout = TimeSpan.FromSeconds(30), IdleAge = TimeSpan.FromSeconds(20), CollectionInterval = TimeSpan.FromSeconds(7) };
        foreach (var grain in cluster.Grains)
        {
            options.AddGrain(grain);
        }

        Engine = new GrainEngine(this, options, cluster.Storage, cluster.Time, this, cluster);
        Engine.StartAsync(CancellationToken.None);
    }

    public int Index { get; }

    public GrainEngine Engine { get; }

    public bool IsUp { get; set; } = true;

    /// <summary>Cut off from the other nodes; storage and clients still reach it.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Where this node believes grains to be, while it has not heard of a change; null when it knows.</summary>
    public Dictionary<GrainId, int>? OldView { get; set; }

    /// <summary>By the table; the node itself may not know.</summary>
    public bool IsMember { get; set; } = true;

    public bool IsExclusive => true;

    public bool IsStalled { get; private set; }

    public void Schedule(IThreadPoolWorkItem item)
    {
        if (IsStalled)
        {
            _held.Add(item.Execute);
        }
        else
        {
            _loop.Add(item.Execute);
        }
    }

    public void Stall() => IsStalled = true;

    public void Resume()
    {
        IsStalled = false;
        _held.ForEach(_loop.Add);
        _held.Clear();
    }

    /// <summary>The node itself is the watch, so what grains share of it is the node's own.</summary>
    public object? GetService(Type serviceType) => serviceType == typeof(IMembershipWatch) ? this
        : serviceType == typeof(UserGrainServices) ? _forUsers ??= ActivatorUtilities.CreateInstance<UserGrainServices>(this)
        : serviceType == typeof(SessionGrainServices) ? _forSessions ??= ActivatorUtilities.CreateInstance<SessionGrainServices>(this)
        : _cluster.GetService(serviceType);

    public async ValueTask<bool> UnchangedFor(TimeSpan period)
    {
        await Task.Delay(_cluster.TableDelay(), _cluster.Time);
        return _cluster.UnchangedFor(period, this);
    }

    /// <summary>As lazy as it may be: reads the table only when what was read is too old.</summary>
    public async ValueTask<bool> WasMemberWithin(TimeSpan period)
    {
        if (_seenAsMember is not { } seen || _cluster.Time.GetElapsedTime(seen) >= period)
        {
            var asked = _cluster.Time.GetTimestamp();
            var member = _cluster.IsMember(this);
            await Task.Delay(_cluster.TableDelay(), _cluster.Time);
            _seenAsMember = member ? asked : null;
        }

        return _seenAsMember is not null;
    }
}
