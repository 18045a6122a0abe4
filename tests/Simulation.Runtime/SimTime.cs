namespace SessionCluster.Simulation.Runtime;

/// <summary>Virtual time: it jumps to the next timer when nothing else is left to do. Timers fire on the loop's thread.</summary>
internal sealed class SimTime(SimLoop loop) : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PriorityQueue<Alarm, (long Due, long Order)> _alarms = new();
    private long _now;
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Elapsed => new(_now);

    public override DateTimeOffset GetUtcNow() => Epoch.AddTicks(_now);

    public override long GetTimestamp() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Runs an action later; no grain is involved.</summary>
    public void After(TimeSpan delay, Action action) =>
        CreateTimer(static action => ((Action)action!)(), action, delay, Timeout.InfiniteTimeSpan);

    /// <summary>Jumps to the next timer and fires it; false when there is none up to the limit.</summary>
    public bool FireNext(TimeSpan limit)
    {
        while (_alarms.TryPeek(out var alarm, out var at))
        {
            if (at.Due != alarm.Due || at.Order != alarm.Order)
            {
                _alarms.Dequeue();
                continue;
            }

            if (at.Due > limit.Ticks)
            {
                return false;
            }

            _alarms.Dequeue();
            _now = Math.Max(_now, at.Due);
            alarm.Fire();
            return true;
        }

        return false;
    }

    private sealed class Alarm(SimTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public long Due { get; private set; } = -1;

        public long Order { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (!time.IsOnItsThread())
            {
                return false;
            }

            _period = period;
            Due = dueTime == Timeout.InfiniteTimeSpan ? -1 : time._now + dueTime.Ticks;
            Order = ++time._order;
            if (Due >= 0)
            {
                time._alarms.Enqueue(this, (Due, Order));
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

    private bool IsOnItsThread() => loop.IsOnItsThread(null);
}
