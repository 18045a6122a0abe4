using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Simulation;

/// <summary>One node: a silo over the storage of all, and what it knows of the membership.</summary>
internal sealed class SimNode : SimMachine, IServiceProvider, IMembershipWatch
{
    private readonly SimCluster _cluster;
    private UserGrainServices? _forUsers;
    private SessionGrainServices? _forSessions;

    /// <summary>When this node last read in the table that it is a member.</summary>
    private long? _seenAsMember;

    /// <summary>Since when it acts on the newest membership, and when it last acted on a change that was F ago; null since the beginning, and never.</summary>
    private long? _actedSince;
    private long? _actedLate;

    public SimNode(SimCluster cluster, SimLoop loop, int index)
        : base(cluster, loop)
    {
        (_cluster, Index) = (cluster, index);
        Silo = new SimSilo(index, cluster.Grains, this, cluster.Storage, loop, cluster.Route) { Schedule = Schedule, Home = grain => _cluster.HomeOf(grain, this).Silo };
    }

    public int Index { get; }

    public override string Name => $"node {Index}";

    public SimSilo Silo { get; }

    public override SimProcess Process => Silo;

    /// <summary>Where this node believes grains to be, while it has not heard of a change; null when it knows.</summary>
    public Dictionary<GrainId, int>? OldView { get; set; }

    /// <summary>Where this node still sends calls, although it has heard of a change: a directory's answers are kept for a while.</summary>
    public Dictionary<GrainId, int>? OldRoutes { get; set; }

    /// <summary>By the table; the node itself may not know.</summary>
    public bool IsMember { get; set; } = true;

    public long KnownVersion { get; private set; }

    /// <summary>When the oldest change was that it has not heard of; null when it has heard of all.</summary>
    public long? MissedSince { get; set; }

    /// <summary>
    /// From here on it acts on the newest membership, and gives up the grains that are elsewhere by it. One that was evicted and lives on
    /// learns nothing.
    /// </summary>
    /// <param name="givesUpAfter">How long it goes on with them, although it knows.</param>
    public void Learn(TimeSpan givesUpAfter)
    {
        if (!IsMember)
        {
            return;
        }

        if (KnownVersion != _cluster.MembershipVersion)
        {
            var now = _cluster.Time.GetTimestamp();
            var isLate = MissedSince is { } missed && _cluster.Time.GetElapsedTime(missed, now) >= SimCluster.LongestLag;
            (KnownVersion, _actedSince, _actedLate, MissedSince) = (_cluster.MembershipVersion, now, isLate ? Clock.GetTimestamp() : _actedLate, null);
        }

        if (givesUpAfter > TimeSpan.Zero)
        {
            _cluster.Time.After(givesUpAfter, () => Learn(TimeSpan.Zero));
            return;
        }

        OldView = null;
        Silo.GiveUp(grain => _cluster.HomeOf(grain, this) != this);
    }

    public override void Crash()
    {
        base.Crash();
        (_forUsers, _forSessions) = (null, null);
    }

    /// <summary>The node itself is the watch, so what grains share of it is the node's own.</summary>
    public object? GetService(Type serviceType) => serviceType == typeof(IMembershipWatch) ? this
        : serviceType == typeof(TimeProvider) ? Clock
        : serviceType == typeof(OwnEdge) ? _cluster.KnowsOwnEdges ? Edge.Own : null
        : serviceType == typeof(UserGrainServices) ? _forUsers ??= ActivatorUtilities.CreateInstance<UserGrainServices>(this)
        : serviceType == typeof(SessionGrainServices) ? _forSessions ??= ActivatorUtilities.CreateInstance<SessionGrainServices>(this)
        : _cluster.GetService(serviceType);

    public long SettledVersion(TimeSpan period) => HasSettled(period, KnownVersion) ? KnownVersion : IMembershipWatch.NotSettled;

    public async ValueTask<bool> UnchangedFor(TimeSpan period, long version)
    {
        await Task.Delay(_cluster.TableDelay(), _cluster.Time);
        return HasSettled(period, version);
    }

    /// <summary>As lazy as it may be: reads the table only when what was read is too old.</summary>
    public async ValueTask<bool> WasMemberWithin(TimeSpan period, long? begun = null)
    {
        if (_seenAsMember is not { } seen || _cluster.Time.GetElapsedTime(seen) >= period || ServesNotYet())
        {
            // Behind a read that is under way: only one that begins from now on says what is asked.
            await Task.Delay(_cluster.TableDelay(), _cluster.Time);
            var asked = _cluster.Time.GetTimestamp();
            var member = _cluster.IsMember(this);
            await Task.Delay(_cluster.TableDelay(), _cluster.Time);
            _seenAsMember = member ? asked : null;
        }

        return _seenAsMember is not null && !ServesNotYet();

        bool ServesNotYet() => _actedLate is { } late && Clock.GetElapsedTime(late, begun ?? Clock.GetTimestamp()) < period && _cluster.Flaw != Flaw.ServesLate;
    }

    private bool HasSettled(TimeSpan asked, long version)
    {
        var period = _cluster.Flaw == Flaw.SettlesSoon ? asked * 2 / 3 : asked;
        return _cluster.UnchangedFor(period, version, this) && (IsOver(_actedSince, period) || _cluster.Flaw == Flaw.SettledUnheard);
    }

    private bool IsOver(long? since, TimeSpan period) => since is not { } moment || _cluster.Time.GetElapsedTime(moment) >= period;
}
