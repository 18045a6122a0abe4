using System.Net;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SessionCluster.Geo;
using SessionCluster.Sessions;

namespace SessionCluster.Simulation;

/// <summary>
/// Some nodes, their network and their directory. A member that is evicted may go on for a while without knowing it, and the
/// others hear of it at different moments; only the table that all share is right at once.
/// </summary>
internal sealed class SimCluster : IServiceProvider, IIdSource, IGeoLookup
{
    public static readonly TimeSpan LongestLag = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan LongestLinger = TimeSpan.FromSeconds(40);
    private readonly Random _random;
    private readonly SimLoop _loop;
    private readonly Dictionary<Type, object> _services = [];
    private readonly IServiceProvider _orleans = OrleansParts.NewScope().ServiceProvider;
    private Dictionary<GrainId, int> _directory = [];
    private int _slowOneIn;
    private readonly bool _lingeringIsSeen;
    private long? _membershipChanged;

    public SimCluster(SimPlan plan, Random random, SimLoop loop)
    {
        (_random, _loop) = (random, loop);
        Grains = plan.Grains;
        Storage = new SimStorage(random, loop.Time)
        {
            IgnoresVersions = plan.Flaw == Flaw.UnfencedWrite, UpdateInserts = plan.Flaw == Flaw.TouchInserts, SplitsWrites = plan.Flaw == Flaw.SplitWrite,
        };
        Network = plan.Nodes > 1 && !plan.OnlyEvictions && plan.Script == Script.None ? 0.02 : 0;
        _slowOneIn = plan.SlowOneIn;
        _lingeringIsSeen = plan.LingeringIsSeen;
        Add<TimeProvider>(loop.Time);
        Add<IEndedSessions>(Storage);
        Add<IGeoLookup>(this);
        Add<IIdSource>(this);
        Add(Options.Create(new SessionOptions { MaxPerUser = plan.Cap, OnLimit = plan.Deny ? SessionOptions.Deny : SessionOptions.EndOldest }));
        Add(Options.Create(new LeaseOptions { LedgerFreshness = plan.Nodes > 1 ? TimeSpan.FromSeconds(5) : TimeSpan.Zero, MaxUnknownTold = 3, TellParallelism = 2 }));
        Nodes = [.. Enumerable.Range(0, plan.Nodes).Select(i => new SimNode(this, loop, i))];
    }

    public IReadOnlyList<Type> Grains { get; }

    public SimTime Time => _loop.Time;

    public SimStorage Storage { get; }

    public IReadOnlyList<SimNode> Nodes { get; }

    /// <summary>Chance that a message between two nodes is lost, that it arrives twice, and that its answer is lost.</summary>
    public double Network { get; private set; }

    /// <summary>By the table; a node may know an older one.</summary>
    public long MembershipVersion { get; private set; }

    public SimNode AnyNode() => Nodes[_random.Next(Nodes.Count)];

    public object? GetService(Type serviceType)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (_services.TryGetValue(serviceType, out var service))
        {
            return service;
        }

        if (serviceType == typeof(IServiceProvider))
        {
            return this;
        }

        if (serviceType.IsGenericType && serviceType.GetGenericTypeDefinition() == typeof(ILogger<>))
        {
            return _services[serviceType] = typeof(NullLogger<>).MakeGenericType(serviceType.GetGenericArguments())
                .GetField("Instance", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        }

        return _orleans.GetService(serviceType);
    }

    /// <summary>What a node reads in the table after a commit.</summary>
    public bool UnchangedFor(TimeSpan period, long version, SimNode node) =>
        version == MembershipVersion
        && (_membershipChanged is not { } changed || Time.GetElapsedTime(changed) >= period)
        && (_lingeringIsSeen ? Nodes.All(n => n.IsMember) : node.IsMember);

    /// <summary>Whether a node may think of itself as a member.</summary>
    public bool IsMember(SimNode node) => _lingeringIsSeen || (node.IsMember && node.KnownVersion == MembershipVersion);

    public TimeSpan TableDelay() => TimeSpan.FromMicroseconds(_random.Next(3000));

    public Guid NewId()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    public AsnInfo? Asn(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var network = address.GetAddressBytes()[1];
        return network == 0 ? null : new AsnInfo(network, null, $"10.{network}.0.0/16");
    }

    public Place? Place(IPAddress address) => null;

    public void Route(SimCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var sender = Nodes.First(n => n.Silo == call.Sender);
        var target = NodeOf(call.Target, sender);
        var crosses = target != sender;
        if (crosses && (target.IsCutOff || sender.IsCutOff || _random.NextDouble() < Network))
        {
            return;
        }

        if (crosses)
        {
            call.Serialize();
        }

        Time.After(Delay(crosses), () => _loop.Add(() => Deliver(call, target, crosses)));
        if (crosses && _random.NextDouble() < Network)
        {
            Time.After(Delay(crosses), () => _loop.Add(() => Deliver(call, target, crosses)));
        }
    }

    /// <summary>The process ends and starts again at once.</summary>
    public void CrashNode(SimNode node)
    {
        node.Silo.Crash();
        if (Nodes.Count > 1)
        {
            // Another process, by membership; its grains may be placed anew.
            ChangeMembership();
        }
    }

    public void CrashActivation(GrainId grain)
    {
        foreach (var node in Nodes)
        {
            node.Silo.Crash(grain);
        }
    }

    /// <summary>The others declare a member dead and place its grains anew; it goes on until it hears of that, then restarts.</summary>
    public void Evict(SimNode node, TimeSpan linger, TimeSpan longestLag)
    {
        var before = new Dictionary<GrainId, int>(_directory);
        foreach (var grain in before.Where(e => e.Value == node.Index).Select(e => e.Key))
        {
            _directory[grain] = (node.Index + 1 + _random.Next(Nodes.Count - 1)) % Nodes.Count;
        }

        node.IsMember = false;
        foreach (var other in Nodes)
        {
            other.OldView ??= before;
        }

        ChangeMembership();
        foreach (var other in Nodes.Where(n => n != node))
        {
            Time.After(_random.Next(2) == 0 ? TimeSpan.Zero : longestLag * _random.NextDouble(), other.Learn);
        }

        Linger(node, linger);
    }

    private void Linger(SimNode node, TimeSpan length)
    {
        Time.After(length, () =>
        {
            node.OldView = null;
            node.IsCutOff = false;
            node.IsMember = true;
            ChangeMembership();
            node.Silo.Crash();
        });
    }

    /// <summary>From here on the network loses nothing and is quick.</summary>
    public void HealNetwork()
    {
        Network = 0;
        _slowOneIn = int.MaxValue;
    }

    /// <summary>Where a node believes a grain to be.</summary>
    public SimNode HomeOf(GrainId grain, SimNode viewer) => NodeOf(grain, viewer);

    private void ChangeMembership()
    {
        (_membershipChanged, MembershipVersion) = (Time.GetTimestamp(), MembershipVersion + 1);
        foreach (var node in Nodes.Where(n => n.OldView is null))
        {
            node.Learn();
        }
    }

    private SimNode NodeOf(GrainId grain, SimNode viewer)
    {
        if (viewer.OldView is { } old && old.TryGetValue(grain, out var before))
        {
            return Nodes[before];
        }

        if (!_directory.TryGetValue(grain, out var index))
        {
            _directory[grain] = index = _random.Next(Nodes.Count);
        }

        return Nodes[index];
    }

    private async void Deliver(SimCall call, SimNode target, bool crosses)
    {
        var response = await call.Deliver(target.Silo);
        if (crosses && (target.IsCutOff || _random.NextDouble() < Network))
        {
            return;
        }

        Time.After(Delay(crosses), () => _loop.Add(() => call.Answer(response)));
    }

    private TimeSpan Delay(bool crosses) => TimeSpan.FromMicroseconds(
        !crosses ? _random.Next(1, 50) : _random.Next(_slowOneIn) == 0 ? _random.Next(1000, 12_000_000) : _random.Next(50, 3000));

    private void Add<T>(T service)
        where T : notnull => _services[typeof(T)] = service;
}
