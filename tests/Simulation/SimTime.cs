namespace SessionCluster.Simulation;

/// <summary>Virtual time: it jumps to the next timer when nothing else is left to do. Timers fire on the one thread.</summary>
internal sealed class SimTime : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PriorityQueue<SimTimer, (long Due, long Order)> _timers = new();
    private long _now;
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Elapsed => new(_now);

    public override DateTimeOffset GetUtcNow() => Epoch.AddTicks(_now);

    public override long GetTimestamp() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Runs an action later; no grain is involved.</summary>
    public void After(TimeSpan delay, Action action) =>
        CreateTimer(static action => ((Action)action!)(), action, delay, Timeout.InfiniteTimeSpan);

    /// <summary>Jumps to the next timer and fires it; false when there is none up to the limit.</summary>
    public bool FireNext(TimeSpan limit)
    {
        while (_timers.TryPeek(out var timer, out var at))
        {
            if (at.Due != timer.Due || at.Order != timer.Order)
            {
                _timers.Dequeue();
                continue;
            }

            if (at.Due > limit.Ticks)
            {
                return false;
            }

            _timers.Dequeue();
            _now = Math.Max(_now, at.Due);
            timer.Fire();
            return true;
        }

        return false;
    }

    private sealed class SimTimer(SimTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public long Due { get; private set; } = -1;

        public long Order { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            Due = dueTime == Timeout.InfiniteTimeSpan ? -1 : time._now + dueTime.Ticks;
            Order = ++time._order;
            if (Due >= 0)
            {
                time._timers.Enqueue(this, (Due, Order));
            }

            return true;
        }

        public void Fire()
        {
            Change(_period == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : _period, _period);
            callback(state);
        }

        public void Dispose() => Due = -1;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
