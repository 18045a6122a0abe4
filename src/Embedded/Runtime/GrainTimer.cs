namespace SessionCluster.Embedded;

/// <summary>
/// A grain's timer. The next tick is due a period after the last one ended, so there is never more than one. What only a tick needs is
/// the tick's: nearly all timers wait, and there can be as many as activations.
/// </summary>
internal abstract class GrainTimer : IGrainTimer
{
    private readonly Activation activation;
    private TimeSpan period;
    private TimerTick? tick;
    private bool isStopped;

    private protected GrainTimer(Activation activation, TimeSpan period)
    {
        Require(period, nameof(period));
        this.activation = activation;
        this.period = period;
    }

    /// <summary>The timestamp of its next tick.</summary>
    internal long At { get; set; }

    /// <summary>Where it stands in the <see cref="TimerHeap"/>; -1 while it does not.</summary>
    internal int Place { get; set; } = -1;

    /// <summary>The activation's next timer.</summary>
    internal GrainTimer? Sibling { get; set; }

    internal bool IsStopped => Volatile.Read(ref isStopped);

    private TimerHeap Heap => activation.Owner.Timers;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Require(dueTime, nameof(dueTime));
        Require(period, nameof(period));
        lock (this)
        {
            this.period = period;
            if (tick is not null)
            {
                tick.NextDue = dueTime;
            }
            else
            {
                SetNext(dueTime);
            }
        }
    }

    public void Dispose()
    {
        TimerTick? running;
        lock (this)
        {
            isStopped = true;
            running = tick;
            Heap.Remove(this);
        }

        running?.Stop();
        activation.Forget(this);
    }

    /// <summary>Begins to count the due time.</summary>
    internal void Begin(TimeSpan due) => SetNext(due);

    /// <summary>Its time has come. Called on any thread.</summary>
    internal void Tick()
    {
        TimerTick due;
        lock (this)
        {
            if (tick is not null || isStopped)
            {
                return;
            }

            due = tick = new TimerTick(this);
        }

        activation.Accept(due);
    }

    /// <summary>A tick is over.</summary>
    internal void Ticked(TimeSpan? changed, Exception? failure)
    {
        if (failure is not null)
        {
            GrainEngine.LogTickFailed(activation.Owner.Logger, activation.Table.Class.GrainType, failure);
        }

        lock (this)
        {
            tick = null;
            SetNext(changed ?? period);
        }
    }

    /// <summary>Runs the callback.</summary>
    internal abstract Task Call(CancellationToken stopping);

    internal static void Require(TimeSpan value, string name)
    {
        if (value != Timeout.InfiniteTimeSpan && (value < TimeSpan.Zero || value > TimeSpan.FromDays(49)))
        {
            throw new ArgumentOutOfRangeException(name, value, "A timer's times are from 0 to 49 days, or infinite.");
        }
    }

    private void SetNext(TimeSpan time)
    {
        if (!IsStopped)
        {
            Heap.Set(this, time);
        }
    }
}

/// <summary>A timer of a callback with its state.</summary>
internal sealed class GrainTimer<TState>(
    Activation activation, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    : GrainTimer(activation, options.Period)
{
    internal override Task Call(CancellationToken stopping) => callback(state, stopping);
}

/// <summary>One tick: a request like a call, except that it is no use of the activation.</summary>
internal sealed class TimerTick(GrainTimer timer) : Request
{
    // Made when the callback starts.
    private CancellationTokenSource? stopping;

    /// <summary>When the next tick is due, where that was set while this one ran.</summary>
    internal TimeSpan? NextDue { get; set; }

    internal override bool Interleaves => false;

    internal override bool IsCall => false;

    protected override bool IsAbandoned => timer.IsStopped;

    internal override void Refuse(Exception reason)
    {
    }

    /// <summary>The timer was stopped: tells the callback, if it runs.</summary>
    internal void Stop()
    {
        CancellationTokenSource? told;
        lock (this)
        {
            told = stopping;
        }

        told?.Cancel();
    }

    protected override Task Start(object grain)
    {
        var told = new CancellationTokenSource();
        lock (this)
        {
            // Whatever was set before it started is what it is.
            NextDue = null;
            stopping = told;
        }

        if (timer.IsStopped)
        {
            told.Cancel();
        }

        return timer.Call(told.Token);
    }

    protected override void Complete(Task work) => timer.Ticked(NextDue, work.Exception?.InnerException);
}
