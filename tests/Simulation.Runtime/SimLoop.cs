using System.Diagnostics;

namespace SessionCluster.Simulation.Runtime;

/// <summary>
/// The one thread of a history: of all that could run next it picks by the seed. Clients run in its synchronization context,
/// grains as tasks of their activation's scheduler.
/// </summary>
internal sealed class SimLoop : SynchronizationContext
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;
    private readonly Random _random;
    private readonly List<Action> _ready = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private string? _trespass;

    public SimLoop(Random random)
    {
        _random = random;
        Time = new SimTime(this);
    }

    public SimTime Time { get; }

    /// <summary>Things that have happened so far; orders the history.</summary>
    public long Step { get; private set; }

    public TimeSpan Now => Time.Elapsed;

    /// <summary>The activation whose turn runs; null while anything else does.</summary>
    public SimActivation? Running { get; private set; }

    /// <summary>A hash of every choice so far: what could run, what was picked, when, and whose turn it was.</summary>
    public ulong Fingerprint { get; private set; } = FnvOffset;

    public void Add(Action item)
    {
        if (IsOnItsThread(null))
        {
            _ready.Add(item);
        }
    }

    public override void Post(SendOrPostCallback d, object? state) => Add(() => d(state));

    public override SynchronizationContext CreateCopy() => this;

    public long Tick() => ++Step;

    /// <summary>
    /// Everything that changes the loop, the clock or an activation asks this first. On another thread it is false: the change is not
    /// made, and where it came from is written down, for <see cref="RunUntil"/> to report.
    /// </summary>
    /// <param name="continuation">What was to go on, if it is known: it names the method that waited.</param>
    public bool IsOnItsThread(Task? continuation)
    {
        if (Environment.CurrentManagedThreadId == _thread)
        {
            return true;
        }

        Interlocked.CompareExchange(ref _trespass, Place(continuation), null);
        return false;
    }

    /// <summary>Runs a turn of an activation as Orleans would: with its runtime context, and no synchronization context.</summary>
    public void RunAs(SimActivation activation, Task turn, Action<SimActivation, Task> run)
    {
        SetSynchronizationContext(null);
        OrleansParts.SetRuntimeContext(null, activation);
        Running = activation;
        Mix(activation.Number);
        try
        {
            run(activation, turn);
        }
        finally
        {
            Running = null;
            OrleansParts.SetRuntimeContext(null, null);
            SetSynchronizationContext(this);
        }
    }

    /// <summary>Runs something of a process in that process' own context.</summary>
    public void RunIn(SynchronizationContext context, SendOrPostCallback callback, object? state)
    {
        SetSynchronizationContext(context);
        try
        {
            callback(state);
        }
        finally
        {
            SetSynchronizationContext(this);
        }
    }

    /// <summary>Runs until the condition holds; false when nothing is left to do, or the limits are reached.</summary>
    /// <exception cref="TrespassException">Something ran on another thread.</exception>
    public bool RunUntil(Func<bool> done, TimeSpan limit, long maxSteps)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            for (var last = Step + maxSteps; Step < last && !done();)
            {
                ThrowIfTrespassed();
                if (_ready.Count > 0)
                {
                    RunNext();
                }
                else if (!Time.FireNext(limit))
                {
                    break;
                }
            }

            ThrowIfTrespassed();
            return done();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    /// <summary>For a history that has failed: gives work on another thread, which may be the cause, a moment of real time to show itself.</summary>
    public void AwaitTrespass()
    {
        SpinWait.SpinUntil(() => Volatile.Read(ref _trespass) is not null, TimeSpan.FromMilliseconds(50));
        ThrowIfTrespassed();
    }

    private void ThrowIfTrespassed()
    {
        if (Volatile.Read(ref _trespass) is { } place)
        {
            throw new TrespassException(place);
        }
    }

    private void RunNext()
    {
        Step++;
        var index = _random.Next(_ready.Count);
        Mix(index);
        Mix(_ready.Count);
        Mix(Time.Elapsed.Ticks);
        var item = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        item();
    }

    private void Mix(long value) => Fingerprint = (Fingerprint ^ (ulong)value) * FnvPrime;

    /// <summary>The method that waited, if its continuation is known, and the methods that run here.</summary>
    private static string Place(Task? continuation)
    {
        var waiting = (continuation?.AsyncState as Action)?.Target?.GetType().GenericTypeArguments.LastOrDefault();
        var running = new StackTrace().GetFrames().Select(f => f.GetMethod()?.DeclaringType)
            .Where(t => t?.FullName?.StartsWith("SessionCluster.", StringComparison.Ordinal) == true && t.Assembly != typeof(SimLoop).Assembly);
        var places = running.Prepend(waiting).OfType<Type>().Select(t => t.ToString()).Distinct().ToArray();
        return places.Length == 0 ? "unknown" : string.Join(", ", places);
    }
}
