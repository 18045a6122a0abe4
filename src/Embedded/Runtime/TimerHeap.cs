namespace SessionCluster.Embedded;

/// <summary>
/// All grain timers of an engine, the next one first, over one timer of the clock: there can be as many as activations, and each
/// costs a place in an array instead of an object of the clock's. Ticks are handed out outside the lock.
/// </summary>
internal sealed class TimerHeap : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly ITimer clock;
    private GrainTimer[] timers = [];
    private int count;

    // The timestamp that the clock is set to; long.MaxValue for none.
    private long set = long.MaxValue;

    internal TimerHeap(TimeProvider time)
    {
        this.time = time;
        clock = MakeClock();
    }

    public void Dispose() => clock.Dispose();

    /// <summary>Lets a timer tick after so long, and at no other time; never, where that is infinite.</summary>
    internal void Set(GrainTimer timer, TimeSpan after)
    {
        lock (gate)
        {
            Take(timer);
            if (after != Timeout.InfiniteTimeSpan)
            {
                timer.At = time.GetTimestamp() + Ticks(after);
                Add(timer);
                SetClock();
            }
        }
    }

    /// <summary>Lets a timer tick no more.</summary>
    internal void Remove(GrainTimer timer)
    {
        lock (gate)
        {
            Take(timer);
        }
    }

    // A tick is nobody's request: it carries nothing of whoever happened to make the engine.
    private ITimer MakeClock()
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return MakeClockHere();
        }

        using (ExecutionContext.SuppressFlow())
        {
            return MakeClockHere();
        }
    }

    private ITimer MakeClockHere() => time.CreateTimer(
        static heap => ((TimerHeap)heap!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private void Tick()
    {
        lock (gate)
        {
            set = long.MaxValue;
        }

        while (TakeDue() is { } timer)
        {
            timer.Tick();
        }
    }

    private GrainTimer? TakeDue()
    {
        lock (gate)
        {
            if (count == 0 || timers[0].At > time.GetTimestamp())
            {
                SetClock();
                return null;
            }

            var due = timers[0];
            Take(due);
            return due;
        }
    }

    // Only ever set to an earlier moment; a tick that finds nothing due sets it anew.
    private void SetClock()
    {
        if (count == 0 || timers[0].At >= set)
        {
            return;
        }

        set = timers[0].At;
        var rest = time.GetElapsedTime(time.GetTimestamp(), set);
        // Rounded up: the clock counts in milliseconds and may be early.
        var wait = TimeSpan.FromMilliseconds((Math.Max(0, rest.Ticks) + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond);
        clock.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
    }

    private long Ticks(TimeSpan span) => (long)(span.Ticks * (time.TimestampFrequency / (double)TimeSpan.TicksPerSecond));

    private void Add(GrainTimer timer)
    {
        if (count == timers.Length)
        {
            Array.Resize(ref timers, count < 16 ? 16 : count + (count / 2));
        }

        Up(timer, count++);
    }

    private void Take(GrainTimer timer)
    {
        var hole = timer.Place;
        if (hole < 0)
        {
            return;
        }

        timer.Place = -1;
        var last = timers[--count];
        timers[count] = null!;
        if (last != timer)
        {
            Down(last, hole);
            Up(last, last.Place);
        }
    }

    private void Up(GrainTimer timer, int place)
    {
        while (place > 0 && timers[(place - 1) / 2] is var above && timer.At < above.At)
        {
            Put(above, place);
            place = (place - 1) / 2;
        }

        Put(timer, place);
    }

    private void Down(GrainTimer timer, int place)
    {
        for (var below = (2 * place) + 1; below < count; below = (2 * place) + 1)
        {
            below += below + 1 < count && timers[below + 1].At < timers[below].At ? 1 : 0;
            if (timer.At <= timers[below].At)
            {
                break;
            }

            Put(timers[below], place);
            place = below;
        }

        Put(timer, place);
    }

    private void Put(GrainTimer timer, int place)
    {
        timers[place] = timer;
        timer.Place = place;
    }
}
