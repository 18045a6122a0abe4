namespace SessionCluster.Embedded;

/// <summary>
/// A grain's timer, and its own tick: a request like a call, except that it is no use of the activation. The next tick is
/// due a period after the last one ended, so there is never more than one.
/// </summary>
internal abstract class GrainTimer : Request, IGrainTimer
{
    private readonly Activation activation;
    private TimeSpan due;
    private TimeSpan period;
    private bool isTicking;
    private bool isChanged;
    private bool isStopped;

    // Made at the first tick: most timers are set anew or stopped before.
    private CancellationTokenSource? stopping;

    private protected GrainTimer(Activation activation, TimeSpan due, TimeSpan period)
    {
        Require(due, nameof(due));
        Require(period, nameof(period));
        this.activation = activation;
        this.due = due;
        this.period = period;
    }

    /// <summary>The timestamp of its next tick.</summary>
    internal long At { get; set; }

    /// <summary>Where it stands in the <see cref="TimerHeap"/>; -1 while it does not.</summary>
    internal int Place { get; set; } = -1;

    /// <summary>The activation's next timer.</summary>
    internal GrainTimer? Sibling { get; set; }

    private TimerHeap Heap => activation.Owner.Timers;

    internal override bool Interleaves => false;

    internal override bool IsCall => false;

    protected override bool IsAbandoned => Volatile.Read(ref isStopped);

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Require(dueTime, nameof(dueTime));
        Require(period, nameof(period));
        lock (this)
        {
            due = dueTime;
            this.period = period;
            isChanged = true;
            if (!isTicking)
            {
                SetNext(due);
            }
        }
    }

    public void Dispose()
    {
        CancellationTokenSource? told;
        lock (this)
        {
            isStopped = true;
            told = stopping;
            Heap.Remove(this);
        }

        told?.Cancel();
        activation.Forget(this);
    }

    /// <summary>Begins to count the due time.</summary>
    internal void Begin() => SetNext(due);

    internal override void Refuse(Exception reason)
    {
    }

    /// <summary>Runs the callback.</summary>
    protected abstract Task Call(CancellationToken stopping);

    protected override Task Start(object grain)
    {
        isChanged = false;
        lock (this)
        {
            stopping ??= new CancellationTokenSource();
            if (isStopped)
            {
                stopping.Cancel();
            }
        }

        return Call(stopping.Token);
    }

    protected override void Complete(Task work)
    {
        if (work.IsFaulted)
        {
            GrainEngine.LogTickFailed(activation.Owner.Logger, activation.Table.Class.GrainType, work.Exception.InnerException!);
        }

        lock (this)
        {
            isTicking = false;
            SetNext(isChanged ? due : period);
        }
    }

    private static void Require(TimeSpan value, string name)
    {
        if (value != Timeout.InfiniteTimeSpan && (value < TimeSpan.Zero || value > TimeSpan.FromDays(49)))
        {
            throw new ArgumentOutOfRangeException(name, value, "A timer's times are from 0 to 49 days, or infinite.");
        }
    }

    /// <summary>Its time has come. Called on any thread.</summary>
    internal void Tick()
    {
        lock (this)
        {
            if (isTicking || IsAbandoned)
            {
                return;
            }

            isTicking = true;
        }

        activation.Accept(this);
    }

    private void SetNext(TimeSpan time)
    {
        if (!IsAbandoned)
        {
            Heap.Set(this, time);
        }
    }
}

/// <summary>A timer of a callback with its state.</summary>
internal sealed class GrainTimer<TState>(
    Activation activation, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    : GrainTimer(activation, options.DueTime, options.Period)
{
    protected override Task Call(CancellationToken stopping) => callback(state, stopping);
}
