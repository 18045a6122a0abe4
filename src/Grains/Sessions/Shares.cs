namespace SessionCluster.Sessions;

/// <summary>
/// Which edges may answer for a session by themselves, and until when. A share leaves the table only by the acknowledgement of a Drop that
/// was sent after it was granted, or by its end, which counts by the monotonic clock alone and one percent longer than the edge serves.
/// </summary>
/// <param name="own">The edge in this process; null when there is none.</param>
internal sealed class Shares(SessionId session, TimeProvider time, OwnEdge? own)
{
    /// <summary>Most edges that may hold a share; more get answers without.</summary>
    public const int MaxEdges = 64;

    private readonly Dictionary<Guid, Share> _shares = [];

    private long _grants;

    private DateTimeOffset _lastUsed;

    /// <summary>Whether an edge may be answering by itself: the session then counts as used.</summary>
    public bool IsHeld
    {
        get
        {
            Settle();
            return _shares.Count > 0;
        }
    }

    /// <summary>The latest use that edges told of, or must be assumed to have seen: a share that is over counts as used until its end.</summary>
    public DateTimeOffset LastUsed
    {
        get
        {
            Settle();
            return _lastUsed;
        }
    }

    /// <summary>Takes note of what an edge has seen: the share that it had is over there, and is known to have been used no later.</summary>
    public void Heard(EdgeQuestion? question)
    {
        if (question?.LastUsed is { } used && _shares.TryGetValue(question.Id, out var share))
        {
            share.UsedUntil = used;
        }
    }

    /// <summary>Notes a share that is granted now; zero when it cannot be.</summary>
    /// <param name="question">Who asked.</param>
    /// <param name="rest">How long the edge may answer.</param>
    public TimeSpan Grant(EdgeQuestion question, TimeSpan rest, DateTimeOffset now)
    {
        Settle();
        if (rest <= TimeSpan.Zero || (_shares.Count >= MaxEdges && !_shares.ContainsKey(question.Id)))
        {
            return TimeSpan.Zero;
        }

        var length = rest * 1.01;
        // A share that the edge had before may go on for longer than this one.
        var left = _shares.TryGetValue(question.Id, out var before) ? before.Length - time.GetElapsedTime(before.Granted) : TimeSpan.Zero;
        var edge = question.Id == own?.Id ? own.Edge : question.Edge;
        _shares[question.Id] = new Share(edge, ++_grants, time.GetTimestamp(), left > length ? left : length) { UsedUntil = now + rest };
        return rest;
    }

    /// <summary>Takes back every share granted so far; returns when each was acknowledged or is over. Sends before it first waits.</summary>
    public async Task TakeBack()
    {
        var last = _grants;
        while (true)
        {
            Settle();
            var held = _shares.Where(entry => entry.Value.Number <= last).ToArray();
            if (held.Length == 0)
            {
                return;
            }

            await Task.WhenAll(held.Select(entry => TakeBack(entry.Key, entry.Value)));
        }
    }

    private async Task TakeBack(Guid edge, Share share)
    {
        try
        {
            var lastUsed = await share.Edge.Drop(session).WaitAsync(ToItsEnd(share), time);
            if (_shares.TryGetValue(edge, out var there) && ReferenceEquals(there, share))
            {
                _shares.Remove(edge);
                // An edge that holds nothing any more cannot say: then until now, or until its end where that was before.
                Use(lastUsed ?? (time.GetUtcNow() is var now && now < share.UsedUntil ? now : share.UsedUntil));
                Count(share, waitedOut: false);
            }
        }
        catch (Exception)
        {
            // The edge is gone, or cannot be reached: its share is over when its time is.
            await Task.Delay(ToItsEnd(share), time);
            Count(share, waitedOut: true);
        }
    }

    /// <summary>Counts a share once, however many calls take it back at the same time.</summary>
    private static void Count(Share share, bool waitedOut)
    {
        if (!share.IsCounted)
        {
            share.IsCounted = true;
            SessionMetrics.ShareTakenBack(waitedOut);
        }
    }

    /// <summary>Rounded up: waits are cut to whole milliseconds, and one of nothing would only be repeated until the time has passed.</summary>
    private TimeSpan ToItsEnd(Share share) => (Rest(share) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero) + TimeSpan.FromMilliseconds(1);

    private TimeSpan Rest(Share share) => share.Length - time.GetElapsedTime(share.Granted);

    /// <summary>Lets go of the shares that are over.</summary>
    private void Settle()
    {
        foreach (var (edge, share) in _shares.Where(entry => Rest(entry.Value) <= TimeSpan.Zero).ToArray())
        {
            _shares.Remove(edge);
            Use(share.UsedUntil);
        }
    }

    /// <summary>No use is later than now, whatever the edge's clock says: it would prolong the idle time.</summary>
    private void Use(DateTimeOffset used)
    {
        var now = time.GetUtcNow();
        used = used < now ? used : now;
        _lastUsed = used > _lastUsed ? used : _lastUsed;
    }

    private sealed class Share(IEdge edge, long number, long granted, TimeSpan length)
    {
        public IEdge Edge => edge;

        /// <summary>Which grant of this session it was.</summary>
        public long Number => number;

        public long Granted => granted;

        public TimeSpan Length => length;

        /// <summary>Until when the edge must be assumed to have used it.</summary>
        public DateTimeOffset UsedUntil { get; set; }

        /// <summary>Whether it was counted as taken back.</summary>
        public bool IsCounted { get; set; }
    }
}
