namespace SessionCluster.Embedded;

/// <summary>
/// A grain's timer, and its own tick: a request like a call, except that it is no use of the activation. The next tick is
/// due a period after the last one ended, so there is never more than one.
/// </summary>
internal sealed class GrainTimer : Request, IGrainTimer
{
    private readonly Activation activation;
    private readonly Func<CancellationToken, Task> callback;
    private readonly ITimer timer;
    private TimeSpan due;
    private TimeSpan period;
    private bool isTicking;
    private bool isChanged;
    private bool isStopped;

    // Made at the first tick: most timers are set anew or stopped before.
    private CancellationTokenSource? stopping;

    internal GrainTimer(Activation activation, Func<CancellationToken, Task> callback, TimeSpan due, TimeSpan period)
    {
        Require(due, nameof(due));
        Require(period, nameof(period));
        this.activation = activation;
        this.callback = callback;
        this.due = due;
        this.period = period;
        timer = Create();
    }

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
        timer.Dispose();
        CancellationTokenSource? told;
        lock (this)
        {
            isStopped = true;
            told = stopping;
        }

        told?.Cancel();
        activation.Forget(this);
    }

    /// <summary>Begins to count the due time.</summary>
    internal void Begin() => SetNext(due);

    internal override void Refuse(Exception reason)
    {
    }

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

        return callback(stopping.Token);
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

    // A tick is nobody's request: it carries nothing of whoever happened to call when the timer was made.
    private ITimer Create()
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return CreateHere();
        }

        using (ExecutionContext.SuppressFlow())
        {
            return CreateHere();
        }
    }

    private ITimer CreateHere() => activation.Owner.Time.CreateTimer(
        static timer => ((GrainTimer)timer!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private static void Require(TimeSpan value, string name)
    {
        if (value != Timeout.InfiniteTimeSpan && (value < TimeSpan.Zero || value > TimeSpan.FromDays(49)))
        {
            throw new ArgumentOutOfRangeException(name, value, "A timer's times are from 0 to 49 days, or infinite.");
        }
    }

    // Called by the clock, on any thread.
    private void Tick()
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
            timer.Change(time, Timeout.InfiniteTimeSpan);
        }
    }
}
