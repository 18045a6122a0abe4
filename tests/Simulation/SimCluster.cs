using System.Net;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Serialization.Invocation;
using SessionCluster.Geo;
using SessionCluster.Sessions;

namespace SessionCluster.Simulation;

/// <summary>
/// Some nodes, their network and their directory. A member that is evicted may go on for a while without knowing it, and the
/// others hear of it at different moments; only the table that all share is right at once.
/// </summary>
internal sealed partial class SimCluster : IServiceProvider, IIdSource, IGeoLookup
{
    private readonly Random _random;
    private readonly SimLoop _loop;
    private readonly Dictionary<Type, object> _services = [];
    private readonly IServiceProvider _orleans = OrleansParts.NewScope().ServiceProvider;
    private Dictionary<GrainId, int> _directory = [];
    private int _slowOneIn;
    private readonly bool _lingeringIsSeen;
    private readonly bool _isCluster;
    private readonly Func<IGrainFactory, TimeProvider, Guid, IEdgePort> _newEdge;

    public SimCluster(SimPlan plan, Random random, SimLoop loop)
    {
        (_random, _loop) = (random, loop);
        Grains = plan.Grains;
        Storage = new SimStorage(random, loop.Time)
        {
            SlowOneIn = plan.SlowStorageOneIn, IgnoresVersions = plan.Flaw == Flaw.UnfencedWrite, UpdateInserts = plan.Flaw == Flaw.TouchInserts, SplitsWrites = plan.Flaw == Flaw.SplitWrite,
        };
        Network = !plan.OnlyEvictions && plan.Script == Script.None ? 0.02 : 0;
        (_newEdge, _isCluster) = (plan.NewEdge, plan.IsCluster);
        _slowOneIn = plan.SlowOneIn;
        KnowsOwnEdges = random.Next(2) == 0;
        (_lingeringIsSeen, Flaw) = (plan.LingeringIsSeen, plan.Flaw);
        Add<IEndedSessions>(Storage);
        Add<IGeoLookup>(this);
        Add<IIdSource>(this);
        Add(Options.Create(new SessionOptions { IdleTimeout = plan.Idle, MaxPerUser = plan.Cap, OnLimit = plan.Deny ? SessionOptions.Deny : SessionOptions.EndOldest }));
        Add(Options.Create(new LeaseOptions { LedgerFreshness = plan.IsCluster ? TimeSpan.FromSeconds(5) : TimeSpan.Zero, MaxUnknownTold = 3, TellParallelism = 2 }));
        Nodes = [.. Enumerable.Range(0, plan.Nodes).Select(i => new SimNode(this, loop, i))];
        Fronts = [.. Enumerable.Range(0, plan.Fronts).Select(i => new SimFront(this, loop, i))];
        Machines = [.. Nodes, .. Fronts];
    }

    public IReadOnlyList<Type> Grains { get; }

    /// <summary>Whether grains call the edge of their own process as an object, as they do, or as that of another one.</summary>
    public bool KnowsOwnEdges { get; }

    public Flaw Flaw { get; }

    public SimTime Time => _loop.Time;

    public SimStorage Storage { get; }

    public IReadOnlyList<SimNode> Nodes { get; }

    /// <summary>Processes without grains.</summary>
    public IReadOnlyList<SimFront> Fronts { get; }

    public IReadOnlyList<SimMachine> Machines { get; }

    /// <summary>When something with a session's memory was last lost: a process, an activation, or the certainty that there is only one.</summary>
    public TimeSpan? LastLoss { get; private set; }

    /// <summary>Chance that a message between two machines is lost, that it arrives twice, and that its answer is lost.</summary>
    public double Network { get; private set; }

    public SimNode AnyNode() => Nodes[_random.Next(Nodes.Count)];

    public SimMachine AnyMachine() => Machines[_random.Next(Machines.Count)];

    public IEdgePort NewEdge(SimMachine machine) => _newEdge(machine.Process, machine.Clock, NewId());

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

    public TimeSpan TableDelay() => TimeSpan.FromMicroseconds(_random.Next(_random.Next(Storage.SlowOneIn) == 0 ? 2_000_000 : 3000));

    public Guid NewId()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    public Guid NewEventId(DateTimeOffset moment) => NewId();

    public AsnInfo? Asn(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var network = address.GetAddressBytes()[1];
        return network == 0 ? null : new AsnInfo(network, null, $"10.{network}.0.0/16");
    }

    public Place? Place(IPAddress address) => null;

    /// <summary>Is told of every message, for a closer look at one history.</summary>
    public Action<string>? Overhear { get; init; }

    public void Route(SimCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var sender = Machines.First(m => m.Process == call.Sender);
        Overhear?.Invoke($"  {sender.Name} sends {call.Method} to {call.Target}");
        if (TargetOf(call.Target, sender) is not { } target)
        {
            // An observer of a process that has ended.
            Lose(call);
            return;
        }

        var crosses = target != sender;
        if (crosses && (target.IsCutOff || sender.IsCutOff || _random.NextDouble() < Network))
        {
            Lose(call);
            return;
        }

        if (crosses)
        {
            call.Serialize();
        }

        Time.After(Delay(crosses), () => _loop.Add(() => Deliver(call, target, crosses)));
        // A write of data that is done again later would undo one after it, and no protocol of ours could know.
        if (crosses && _random.NextDouble() < Network && !call.Method.EndsWith("SetData", StringComparison.Ordinal))
        {
            Time.After(Delay(crosses), () => _loop.Add(() => Deliver(call, target, crosses)));
        }
    }

    /// <summary>An activation is gone without a word. Orleans knows that only with its process; a user grain has to bear it.</summary>
    public void CrashActivation(GrainId grain)
    {
        foreach (var node in Nodes)
        {
            node.Silo.Crash(grain);
        }
    }

    /// <summary>The activations of a grain leave memory in order.</summary>
    public void Leave(GrainId grain)
    {
        foreach (var node in Nodes)
        {
            node.Silo.GiveUp(other => other == grain);
        }
    }

    /// <summary>From here on the network loses nothing and is quick.</summary>
    public void HealNetwork()
    {
        Network = 0;
        _slowOneIn = Storage.SlowOneIn = int.MaxValue;
    }

    /// <summary>Where a node believes a grain to be.</summary>
    public SimNode HomeOf(GrainId grain, SimNode viewer) => NodeOf(grain, viewer);

    /// <summary>A message does not arrive; its sender may be told so, or wait in vain.</summary>
    private void Lose(SimCall call)
    {
        if (_random.Next(2) == 0)
        {
            Time.After(Delay(crosses: true), () => _loop.Add(() => call.Answer(Response.FromException(new SiloUnavailableException("It was not delivered.")))));
        }
    }

    private SimMachine? TargetOf(GrainId target, SimMachine sender)
    {
        if (target.Type == SimObserver.Type)
        {
            return Machines.FirstOrDefault(m => m.Process.Hosts(target));
        }

        // A front knows no directory: it sends through any node.
        var viewer = sender as SimNode ?? AnyNode();
        return viewer.IsCutOff && viewer != sender ? null : Routed(target, viewer) ?? NodeOf(target, viewer);
    }

    /// <summary>Where a node that knows better still sends a call: where the grain was, as long as it is there.</summary>
    private SimNode? Routed(GrainId grain, SimNode viewer) =>
        viewer.OldRoutes is { } old && old.TryGetValue(grain, out var before) && Nodes[before].Silo.Has(grain) ? Nodes[before] : null;

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

    private async void Deliver(SimCall call, SimMachine target, bool crosses)
    {
        Overhear?.Invoke($"  {target.Name} gets {call.Method} to {call.Target}");
        var response = await call.Deliver(target.Process);
        Overhear?.Invoke($"  {target.Name} answers {call.Method} to {call.Target}: {response.Exception?.Message ?? response.ToString()}");
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
