using Orleans.CodeGeneration;
using Orleans.Serialization.Invocation;

namespace SessionCluster.Simulation.Runtime;

/// <summary>
/// A process of a simulated cluster: it makes references, sends their calls to the network, and holds observers. What runs in its
/// context ends with it.
/// </summary>
/// <param name="name">Tells it from other processes, and its observers from theirs.</param>
/// <param name="grains">The grain classes of the cluster, wherever they run.</param>
/// <param name="loop">The loop of the history.</param>
/// <param name="route">The network: is given each call once, and delivers it or not.</param>
internal abstract partial class SimProcess(string name, IEnumerable<Type> grains, SimLoop loop, Action<SimCall> route) : IGrainReferenceRuntime
{
    private readonly Dictionary<Type, GrainReferenceShared> _contracts = [];
    private readonly Dictionary<GrainId, SimObserver> _observers = [];
    private Dictionary<Type, GrainType>? _targets;
    private Life? _life;
    private int _observerNumbers;

    /// <summary>The process that reads a message on this thread: the references in the message become its own.</summary>
    [field: ThreadStatic]
    public static SimProcess? Reading { get; private set; }

    public SimLoop Loop => loop;

    public SimTime Time => loop.Time;

    /// <summary>How long its callers wait for an answer.</summary>
    public TimeSpan CallPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where its work is given to the loop; a test may hold the work of a process back for a while.</summary>
    public Action<Action> Schedule { get; init; } = loop.Add;

    /// <summary>How often it was started; with its name its identity.</summary>
    public int Incarnation { get; private set; } = 1;

    private SynchronizationContext Context => _life ??= new Life(this);

    /// <summary>Runs code in this process, until the process ends: then nothing of it goes on, and the task is never completed.</summary>
    public Task<T> Run<T>(Func<Task<T>> code)
    {
        var result = new TaskCompletionSource<T>();
        Post(async () =>
        {
            try
            {
                result.SetResult(await code());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        });
        return result.Task;
    }

    /// <summary>Starts something in this process.</summary>
    public void Post(Action code) => Context.Post(static code => ((Action)code!)(), code);

    public GrainReference NewReference(Type contract, GrainId id) => OrleansParts.NewReference(contract, Share(contract, id.Type), id.Key);

    /// <summary>Reads a message; references in it become references of this process.</summary>
    public T Read<T>(byte[] message)
        where T : class
    {
        Reading = this;
        try
        {
            return (T)OrleansParts.Serializer.Deserialize<object>(message)!;
        }
        finally
        {
            Reading = null;
        }
    }

    public ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        new(Send(new SimCall<T?>(this, reference.GrainId, request, options)).Reply);

    public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        new(Send(new SimCall<object?>(this, reference.GrainId, request, options)).Reply);

    public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options) =>
        Send(new SimCall<object?>(this, reference.GrainId, request, options));

    public object Cast(IAddressable grain, Type interfaceType) =>
        grain is GrainReference && interfaceType.IsInstanceOfType(grain) ? grain : NewReference(interfaceType, grain.GetGrainId());

    /// <summary>Whether an observer is, or was, one of this process as it now runs.</summary>
    public bool Hosts(GrainId observer) => observer.Type == SimObserver.Type && observer.Key.ToString()!.StartsWith(ObserverPrefix, StringComparison.Ordinal);

    /// <summary>A call has arrived here. One for an observer that is not here is dropped, and so times out.</summary>
    public virtual void Dispatch(SimRequest request, GrainId target) => _observers.GetValueOrDefault(target)?.Receive(request);

    public void Forget(GrainId observer) => _observers.Remove(observer);

    /// <summary>Everything in memory is lost at once, as when the process ends; it starts again at once as another one.</summary>
    public virtual void Crash()
    {
        _life = null;
        _observers.Clear();
        Incarnation++;
    }

    private string ObserverPrefix => $"{name}-{Incarnation}+";

    private SimCall<T> Send<T>(SimCall<T> call)
    {
        call.StartTimeout();
        Schedule(() => route(call));
        return call;
    }

    private GrainReferenceShared Share(Type contract, GrainType target) => _contracts.TryGetValue(contract, out var shared)
        ? shared
        : _contracts[contract] = OrleansParts.Share(contract, target, this);

    private GrainType TargetOf(Type contract)
    {
        _targets ??= grains.Select(OrleansParts.KindOf).SelectMany(k => k.Contracts, (k, contract) => (contract, k.Type)).ToDictionary();
        return _targets[contract];
    }

    /// <summary>From a start of the process to its end. After that, nothing that waited in it goes on.</summary>
    private sealed class Life(SimProcess process) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => process.Schedule(() =>
        {
            if (process._life == this)
            {
                process.Loop.RunIn(this, d, state);
            }
        });

        public override SynchronizationContext CreateCopy() => this;
    }
}
