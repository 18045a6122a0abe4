using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Serialization.Invocation;

namespace SessionCluster.Simulation.Runtime;

/// <content>How an activation begins and ends, and what a grain sees of it.</content>
internal sealed partial class SimActivation
{
    /// <summary>How long an activation may take to begin or to end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>As in ActivationData: how long the calls of a failed activation wait before they are rejected.</summary>
    private static readonly TimeSpan Rejection = TimeSpan.FromSeconds(5);

    private readonly HashSet<SimTimer> _timers = [];
    private readonly Dictionary<Type, object> _components = [];
    private readonly TaskCompletionSource _deactivated = new();
    private Lifecycle? _lifecycle;
    private GrainReference? _reference;
    private DeactivationReason _reason;

    /// <summary>It is beginning or ending at this moment, so no request is started.</summary>
    private bool _isChanging = true;
    private bool _wasValid;
    private bool _shallLeave;

    public GrainId GrainId { get; }

    public object? GrainInstance { get; private set; }

    public GrainReference GrainReference => _reference ??= _silo.NewReference(_kind.Contracts[0], GrainId);

    public ActivationId ActivationId => default;

    public GrainAddress Address => new() { GrainId = GrainId, SiloAddress = _silo.SiloAddress };

    public IServiceProvider ActivationServices => _silo;

    public IGrainLifecycle ObservableLifecycle => _lifecycle ??= new Lifecycle();

    public IWorkItemScheduler Scheduler => this;

    public Task Deactivated => _deactivated.Task;

    public object? GetTarget() => GrainInstance;

    public object? GetComponent(Type componentType) => componentType.IsInstanceOfType(GrainInstance) ? GrainInstance : _components.GetValueOrDefault(componentType);

    public void SetComponent<TComponent>(TComponent? value)
        where TComponent : class => _components[typeof(TComponent)] = value!;

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default)
    {
    }

    public void Rehydrate(IRehydrationContext context) => throw new NotSupportedException();

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (_stage is Stage.Activating or Stage.Valid)
        {
            (_wasValid, _stage, _reason, _shallLeave) = (_stage == Stage.Valid, Stage.Deactivating, deactivationReason, true);
            Signal();
        }
    }

    /// <summary>Until then it is not ended for being idle.</summary>
    public long StayUntil { get; set; }

    public void DeactivateIfIdle(long since)
    {
        if (_stage == Stage.Valid && StayUntil <= _silo.Time.GetTimestamp() && _atWork.Count == 0 && _waiting.Count == 0 && LastUsed <= since)
        {
            Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "idle"));
        }
    }

    /// <summary>Ends it at once, with all its turns, and without a word to anyone: what the end of a process looks like.</summary>
    public void Crash()
    {
        if (_stage != Stage.Gone)
        {
            _silo.Forget(this, null);
        }

        _stage = Stage.Crashed;
        _turns.Clear();
        _waiting.Clear();
        StopTimers();
    }

    public IGrainTimer Add(SimTimer timer)
    {
        if (_silo.Loop.IsOnItsThread(null))
        {
            _timers.Add(timer);
        }

        return timer;
    }

    public void Forget(SimTimer timer)
    {
        if (_silo.Loop.IsOnItsThread(null))
        {
            _timers.Remove(timer);
        }
    }

    private async Task ActivateAsync()
    {
        Exception? failure = null;
        try
        {
            GrainInstance = _kind.Activator.CreateInstance(this);
            (GrainInstance as ILifecycleParticipant<IGrainLifecycle>)?.Participate(ObservableLifecycle);
            using var patience = new CancellationTokenSource(Patience, _silo.Time);
            if (_lifecycle is not null)
            {
                await _lifecycle.OnStart(patience.Token).WaitAsync(patience.Token);
            }

            await ((IGrainBase)GrainInstance).OnActivateAsync(patience.Token).WaitAsync(patience.Token);
            _stage = _stage == Stage.Activating ? Stage.Valid : _stage;
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        if (failure is not null)
        {
            if (GrainInstance is not null)
            {
                await Task.Delay(Rejection, _silo.Time);
            }

            Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationFailed, failure, "Failed to activate grain."));
        }

        _isChanging = false;
        Signal();
    }

    /// <summary>True when it leaves now: it was asked to, and no request is at work any more.</summary>
    private bool BeginLeaving()
    {
        if (!_shallLeave || _atWork.Count > 0)
        {
            return false;
        }

        (_shallLeave, _isChanging) = (false, true);
        _ = DeactivateAsync();
        return true;
    }

    private async Task DeactivateAsync()
    {
        StopTimers();
        using var patience = new CancellationTokenSource(Patience, _silo.Time);
        if (_wasValid)
        {
            await Quietly(() => ((IGrainBase)GrainInstance!).OnDeactivateAsync(_reason, patience.Token).WaitAsync(patience.Token));
        }

        if (_lifecycle is not null)
        {
            await Quietly(() => _lifecycle.OnStop(patience.Token).WaitAsync(patience.Token));
        }

        var moving = _waiting.Where(r => r.IsCall).ToList();
        _waiting.Clear();
        if (_stage == Stage.Crashed)
        {
            return;
        }

        _stage = Stage.Gone;
        var refused = _reason.Exception is null ? moving.FindAll(r => ++r.Reroutes > MostReroutes) : moving;
        _silo.Forget(this, moving.Except(refused));
        refused.ForEach(r => r.Done(Response.FromException(new OrleansException($"Rejected: {_reason.Description}", _reason.Exception!))));
        _deactivated.TrySetResult();
    }

    /// <summary>What fails while a grain leaves does not keep it.</summary>
    private static async Task Quietly(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception)
        {
            // Orleans logs it and goes on.
        }
    }

    private void StopTimers()
    {
        foreach (var timer in _timers.ToArray())
        {
            timer.Dispose();
        }
    }

    private sealed class Lifecycle() : LifecycleSubject(NullLogger.Instance), IGrainLifecycle
    {
        public void AddMigrationParticipant(IGrainMigrationParticipant participant)
        {
        }

        public void RemoveMigrationParticipant(IGrainMigrationParticipant participant)
        {
        }
    }
}
