using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>One node: a silo over the storage of all, which can crash, stall, and be cut off.</summary>
internal sealed class SimNode : IServiceProvider, IMembershipWatch
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
        Silo = new SimSilo(index, cluster.Grains, this, cluster.Storage, loop, cluster.Route) { Schedule = Schedule };
    }

    public int Index { get; }

    public SimSilo Silo { get; }

    /// <summary>Cut off from the other nodes; storage and clients still reach it.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Where this node believes grains to be, while it has not heard of a change; null when it knows.</summary>
    public Dictionary<GrainId, int>? OldView { get; set; }

    /// <summary>By the table; the node itself may not know.</summary>
    public bool IsMember { get; set; } = true;

    public bool IsStalled { get; private set; }

    public long KnownVersion { get; private set; }

    /// <summary>From here on it acts on the newest membership. One that was evicted and lives on learns nothing.</summary>
    public void Learn()
    {
        if (IsMember)
        {
            OldView = null;
            KnownVersion = _cluster.MembershipVersion;
        }
    }

    public void Schedule(Action item)
    {
        if (!IsStalled)
        {
            _loop.Add(item);
        }
        else if (_loop.IsOnItsThread(null))
        {
            _held.Add(item);
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

    public async ValueTask<bool> UnchangedFor(TimeSpan period, long version)
    {
        await Task.Delay(_cluster.TableDelay(), _cluster.Time);
        return _cluster.UnchangedFor(period, version, this);
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
