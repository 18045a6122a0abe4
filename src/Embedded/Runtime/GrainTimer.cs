namespace SessionCluster.Embedded;

/// <summary>
/// A grain's timer, and its own tick: a request like a call, except that it is no use of the activation. The next tick is
/// due a period after the last one ended, so there is never more than one.
/// </summary>
internal sealed class GrainTimer : Request, IGrainTimer
{
    private readonly Lock gate = new();
    private readonly Activation activation;
    private readonly Func<CancellationToken, Task> callback;
    private readonly CancellationTokenSource stopped = new();
    private readonly ITimer timer;
    private TimeSpan due;
    private TimeSpan period;
    private bool isTicking;
    private bool isChanged;

    internal GrainTimer(Activation activation, Func<CancellationToken, Task> callback, TimeSpan due, TimeSpan period)
    {
        Require(due, nameof(due));
        Require(period, nameof(period));
        this.activation = activation;
        this.callback = callback;
        this.due = due;
        this.period = period;
        timer = activation.Owner.Time.CreateTimer(
            static timer => ((GrainTimer)timer!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal override bool Interleaves => false;

    internal override bool IsCall => false;

    protected override bool IsAbandoned => stopped.IsCancellationRequested;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Require(dueTime, nameof(dueTime));
        Require(period, nameof(period));
        lock (gate)
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
        stopped.Cancel();
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
        return callback(stopped.Token);
    }

    protected override void Complete(Task work)
    {
        if (work.IsFaulted)
        {
            GrainEngine.LogTickFailed(activation.Owner.Logger, activation.Table.Class.GrainType, work.Exception.InnerException!);
        }

        lock (gate)
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

    // Called by the clock, on any thread.
    private void Tick()
    {
        lock (gate)
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
