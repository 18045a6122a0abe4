using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Timers;

namespace SessionCluster.Simulation.Runtime;

/// <summary>A process with grains, in the place of a silo: it gives them their timers, states and services, and keeps its own table of activations.</summary>
internal sealed class SimSilo : SimProcess, IGrainRuntime, ITimerRegistry, IKeyedServiceProvider
{
    private static readonly TimeSpan CollectionInterval = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan IdleAge = TimeSpan.FromSeconds(20);
    private readonly Dictionary<GrainType, GrainKind> _kinds = [];
    private readonly Dictionary<GrainId, SimActivation> _activations = [];
    private readonly int _index;
    private readonly IServiceProvider _services;
    private readonly IGrainStorage _storage;
    private readonly ITimer _collection;
    private int _numbers;

    public SimSilo(int index, IReadOnlyList<Type> grains, IServiceProvider services, IGrainStorage storage, SimLoop loop, Action<SimCall> route)
        : base($"silo{index}", grains, loop, route)
    {
        (_index, _services, _storage) = (index, services, storage);
        foreach (var kind in grains.Select(OrleansParts.KindOf))
        {
            _kinds.Add(kind.Type, kind);
        }

        _collection = Time.CreateTimer(static silo => ((SimSilo)silo!).Collect(), this, CollectionInterval, CollectionInterval);
    }

    public SiloAddress SiloAddress => SiloAddress.New(IPAddress.Loopback, 1 + _index, Incarnation);

    public string SiloIdentity => SiloAddress.ToString();

    public IGrainFactory GrainFactory => this;

    public ITimerRegistry TimerRegistry => this;

    public IServiceProvider ServiceProvider => this;

    TimeProvider IGrainRuntime.TimeProvider => Time;

    public void DeactivateOnIdle(IGrainContext grainContext) => grainContext.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "asked"));

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) => ((SimActivation)grainContext).StayUntil = Time.GetTimestamp() + timeSpan.Ticks;

    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        var activation = (SimActivation)grainContext;
        var timer = activation.Add(new SimTimer<TState>(Time, activation, callback, state, options));
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public object? GetService(Type serviceType) =>
        serviceType == typeof(IGrainRuntime) || serviceType == typeof(IGrainFactory) || serviceType == typeof(IGrainReferenceRuntime) || serviceType == typeof(ITimerRegistry)
            ? this
            : serviceType == typeof(IGrainStorage) ? _storage
            : _services.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) => serviceType == typeof(IGrainStorage) ? _storage : null;

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => GetKeyedService(serviceType, serviceKey) ?? throw new InvalidOperationException($"{serviceType}");

    /// <summary>Where a grain is, by what this silo knows; itself, where nothing else is said.</summary>
    public Func<GrainId, SimSilo>? Home { get; init; }

    public override void Dispatch(SimRequest request, GrainId target)
    {
        if (target.Type == SimObserver.Type)
        {
            base.Dispatch(request, target);
            return;
        }

        if (!_activations.TryGetValue(target, out var activation))
        {
            // As in Orleans, an activation is registered before it begins; one that is registered elsewhere gets the request instead.
            if (!request.IsForwarded && Home?.Invoke(target) is { } home && home != this)
            {
                home.Schedule(() => home.Dispatch(request.ForwardTo(home), target));
                return;
            }

            _activations[target] = activation = new SimActivation(this, _kinds[target.Type], target, ++_numbers);
        }

        activation.Receive(request);
    }

    public override void Crash()
    {
        base.Crash();
        foreach (var activation in Ordered())
        {
            activation.Crash();
        }

        _collection.Change(CollectionInterval, CollectionInterval);
    }

    public bool Has(GrainId grain) => _activations.ContainsKey(grain);

    public void Crash(GrainId grain) => _activations.GetValueOrDefault(grain)?.Crash();

    /// <summary>The activation is over; calls that it did not start go to the next one.</summary>
    public void Forget(SimActivation activation, IEnumerable<SimRequest>? moving)
    {
        if (_activations.TryGetValue(activation.GrainId, out var known) && known == activation)
        {
            _activations.Remove(activation.GrainId);
        }

        foreach (var request in moving ?? [])
        {
            Dispatch(request, activation.GrainId);
        }
    }

    /// <summary>Ends every activation that is not at work and was not used since.</summary>
    public void DeactivateIdle(long since = long.MaxValue)
    {
        foreach (var activation in Ordered())
        {
            activation.DeactivateIfIdle(since);
        }
    }

    /// <summary>Gives activations up, as a silo does that learns that they are elsewhere: each ends in order, after what it is at.</summary>
    public void GiveUp(Func<GrainId, bool> isElsewhere)
    {
        foreach (var activation in Ordered().Where(a => isElsewhere(a.GrainId)))
        {
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.DirectoryFailure, "it is elsewhere"));
        }
    }

    /// <summary>Requests that have been at work for longer than that, for a test that knows that none should.</summary>
    public IEnumerable<string> AtWorkLonger(TimeSpan than) => Ordered().SelectMany(a => a.AtWorkLonger(than));

    public IStorage<TState> GetStorage<TState>(IGrainContext grainContext) => throw new NotSupportedException();

    public IDisposable RegisterTimer(IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException();

    private void Collect() => Schedule(() => DeactivateIdle(Time.GetTimestamp() - IdleAge.Ticks));

    private List<SimActivation> Ordered() => [.. _activations.Values.OrderBy(a => a.Number)];
}
