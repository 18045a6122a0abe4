namespace SessionCluster.Alerts;

/// <summary>
/// What one pass of a transport has before it: a queue for each user, and for each address where mails go, so that a notification which
/// cannot be sent holds back the later ones of its user to the same place and no others. Pure; the grain sends.
/// </summary>
internal sealed class DeliveryWork
{
    /// <summary>How long a notification is tried.</summary>
    public static readonly TimeSpan TriedFor = TimeSpan.FromHours(24);

    /// <summary>While this many notifications wait, the log is not read further: it keeps what comes.</summary>
    public const int MaxWaiting = 500;

    /// <summary>When that many wait, a queue whose first is refused may have this many of them: no user can keep the log from being read for all.</summary>
    public const int MaxRefused = 20;

    /// <summary>The longest pause of a transport whose receiver cannot be reached.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly List<Queue<Delivery>> _queues = [];

    private readonly Dictionary<(string User, string? Email), Queue<Delivery>> _byTarget = [];

    private readonly List<Delivery> _failed = [];

    private readonly DateTimeOffset _now;

    /// <param name="now">The moment of the pass.</param>
    public DeliveryWork(AlertDeliveryV1 row, DateTimeOffset now)
    {
        (_now, Failures) = (now, row.Failures);
        foreach (var delivery in row.Waiting)
        {
            Add(delivery);
        }
    }

    /// <summary>How often in a row the receiver could not be reached.</summary>
    public int Failures { get; private set; }

    /// <summary>Whether the receiver could not be reached in this pass: nothing more is sent in it.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Whether anything was tried.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>How many were given up in this pass.</summary>
    public int GivenUp => _failed.Count;

    /// <summary>The pause before the next attempt, after <paramref name="attempts"/>: one second, doubling up to an hour.</summary>
    public static TimeSpan PauseAfter(int attempts) =>
        attempts > 12 ? LongestPause : TimeSpan.FromSeconds(1 << Math.Max(0, attempts - 1)) is var pause && pause < LongestPause ? pause : LongestPause;

    /// <summary>Puts a notification behind the others of its user to the same place.</summary>
    public void Add(Delivery delivery)
    {
        var target = (delivery.User, delivery.Email);
        if (!_byTarget.TryGetValue(target, out var queue))
        {
            _byTarget[target] = queue = new Queue<Delivery>();
            _queues.Add(queue);
        }

        queue.Enqueue(delivery);
    }

    /// <summary>Puts a new notification behind the others of its user to the same place.</summary>
    public void Add(Guid notification, EventInfo entry, Guid rule, string? email)
    {
        HasChanged = true;
        Add(new Delivery(notification, entry.Pk, rule, entry.User.Id.Value, email, 0, _now, _now, null, _now));
    }

    /// <summary>The queues whose first notification is due.</summary>
    public IEnumerable<Queue<Delivery>> Due() => _queues.Where(queue => queue.Count > 0 && !Rests(queue, _now));

    /// <summary>Takes in how the first notification of a queue was sent; false when the queue is to rest.</summary>
    public bool Settle(Queue<Delivery> queue, AlertSending sending, DateTimeOffset now)
    {
        HasChanged = true;
        var tried = queue.Peek();
        tried = tried with { Attempts = tried.Attempts + 1, First = tried.Attempts == 0 ? now : tried.First, Error = sending.Error };
        if (sending.Outcome is not AlertOutcome.Unreachable)
        {
            Failures = 0;
        }
        else if (!IsPaused)
        {
            (Failures, IsPaused) = (Failures + 1, true);
        }

        if (sending.Outcome == AlertOutcome.Delivered)
        {
            queue.Dequeue();
            return true;
        }

        // Those behind one that is refused wait while it is tried: their day goes by with its.
        var since = sending.Outcome == AlertOutcome.Refused ? tried.Planned ?? tried.First : tried.First;
        if (sending.Outcome == AlertOutcome.Impossible || now - since >= TriedFor)
        {
            queue.Dequeue();
            _failed.Add(tried with { Next = now });
            return sending.Outcome != AlertOutcome.Unreachable;
        }

        // One that could not be reached is due as soon as the transport's own pause is over.
        Replace(queue, tried with { Next = sending.Outcome == AlertOutcome.Unreachable ? now : now + PauseAfter(tried.Attempts) });
        if (sending.Outcome == AlertOutcome.Unreachable)
        {
            // The next that tries whether the receiver is back is another one.
            _queues.Remove(queue);
            _queues.Add(queue);
        }

        return false;
    }

    /// <summary>Drops the first notification of a queue, whose rule is gone.</summary>
    public void Drop(Queue<Delivery> queue) => HasChanged |= queue.TryDequeue(out _);

    /// <summary>When too many wait, the longest queues whose first is refused give up their oldest.</summary>
    public void MakeRoom(DateTimeOffset now)
    {
        for (var waiting = _queues.Sum(queue => queue.Count); waiting >= MaxWaiting; waiting--)
        {
            if (_queues.Where(queue => Rests(queue, now)).MaxBy(queue => queue.Count) is not { Count: > MaxRefused } longest)
            {
                return;
            }

            HasChanged = true;
            var oldest = longest.Dequeue();
            _failed.Add(oldest with { Next = now, Error = $"Given up to make room: too many wait behind one that was refused. {oldest.Error}".TrimEnd() });
            Replace(longest, longest.Peek() with { Next = oldest.Next, Attempts = oldest.Attempts });
        }
    }

    public AlertDeliveryV1 ToRow(AlertDeliveryV1 before, string? place, DateTimeOffset now)
    {
        var pause = IsPaused ? PauseAfter(Failures) : TimeSpan.Zero;
        return before with
        {
            Place = place,
            // While the receiver is away nobody's day goes by.
            Waiting = [.. _queues.SelectMany(queue => queue).Select(delivery => IsPaused ? delivery with { Planned = delivery.Planned + pause } : delivery)],
            Failed = [.. before.Failed.Concat(_failed).TakeLast(Deliveries.MaxFailed)],
            Failures = Failures,
            PausedUntil = IsPaused ? now + pause : null,
        };
    }

    // A pause that a clock set back has made longer than it was is over.
    private static bool Rests(Queue<Delivery> queue, DateTimeOffset now) =>
        queue.TryPeek(out var first) && first.Attempts > 0 && first.Next > now && first.Next - now <= PauseAfter(first.Attempts);

    private static void Replace(Queue<Delivery> queue, Delivery first)
    {
        var rest = queue.Skip(1).ToArray();
        queue.Clear();
        queue.Enqueue(first);
        Array.ForEach(rest, queue.Enqueue);
    }
}

/// <summary>The stored row of a transport's delivery.</summary>
public sealed record AlertDeliveryV1
{
    /// <summary>The state name that delivery grains store under.</summary>
    public const string StateName = "alert-delivery";

    public int Schema { get; init => field = StateJson.KnownSchema(value); } = 1;

    /// <summary>The place in the event log behind which nothing has been looked at; null while no rule uses the transport.</summary>
    public string? Place { get; init; }

    /// <summary>In the order of the log for each user and address.</summary>
    public ImmutableArray<Delivery> Waiting { get; init; } = [];

    /// <summary>Given up, the oldest first.</summary>
    public ImmutableArray<Delivery> Failed { get; init; } = [];

    /// <summary>How often in a row the receiver could not be reached.</summary>
    public int Failures { get; init; }

    /// <summary>Until when nothing is sent.</summary>
    public DateTimeOffset? PausedUntil { get; init; }
}
