namespace SessionCluster.Api.Sessions;

/// <summary>
/// Tells who waits for it that sessions have ended. While anybody waits, this process follows the event log once for all of them: what it costs
/// does not grow with the number of those who wait, and an ending in whatever process, for whatever reason, is in the log with its commit.
/// </summary>
internal sealed class EndingWatch(IGrainFactory grains, TimeProvider time)
{
    /// <summary>Most that wait at a time in one process.</summary>
    public const int MaxWaiting = 10_000;

    /// <summary>Most of them that wait for one session, so that nobody takes the places of all others.</summary>
    public const int MaxOfSession = 20;

    private const int Batch = 100;

    /// <summary>How long it waits at the end of the log before it looks again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    private readonly Dictionary<SessionId, List<Waiting>> _waiting = [];

    private Task<string>? _start;

    private int _count;

    /// <summary>
    /// Begins to wait for the end of a session. Returns once no ending that is committed from then on can be missed: who asks after that
    /// whether the session is live, and hears that it is, will be told. Null when as many wait already as may.
    /// </summary>
    public async Task<Waiting?> Begin(SessionId session)
    {
        var waiting = new Waiting(this, session);
        Task<string> start;
        lock (_lock)
        {
            var others = _waiting.GetValueOrDefault(session, []);
            if (_count >= MaxWaiting || others.Count >= MaxOfSession)
            {
                return null;
            }

            _waiting[session] = others;
            others.Add(waiting);
            _count++;
            start = _start ??= Start();
        }

        try
        {
            await start;
        }
        catch
        {
            waiting.Dispose();
            throw;
        }

        return waiting;
    }

    private async Task<string> Start()
    {
        // Behind the lock, whose holder must not wait.
        await Task.Yield();
        try
        {
            var end = await Read(null);
            _ = Follow(end.Cursor);
            return end.Cursor;
        }
        catch
        {
            lock (_lock)
            {
                _start = null;
            }

            throw;
        }
    }

    private async Task Follow(string cursor)
    {
        while (true)
        {
            var pause = Pause;
            try
            {
                var batch = await Read(cursor);
                if (batch.Outcome == EventCursorOutcome.Read)
                {
                    Tell(batch);
                    cursor = batch.Cursor;
                    pause = batch.Events.Length < Batch ? Pause : TimeSpan.Zero;
                }
                else
                {
                    // The log was pruned from under it, or is another one, as after a failover of the database. All ask for themselves, but only
                    // once the new place is known: what was committed before it is told to nobody else.
                    cursor = (await Read(null)).Cursor;
                    TellAll();
                }
            }
            catch (Exception)
            {
                // The storage says itself that it does not answer; nothing is left out once it does again.
                pause = PauseAfterFailure;
            }

            lock (_lock)
            {
                if (_count == 0)
                {
                    _start = null;
                    return;
                }
            }

            await Task.Delay(pause, time);
        }
    }

    private void Tell(EventBatch batch)
    {
        foreach (var entry in batch.Events)
        {
            if (entry.Event is { Action: EventActions.Logout, Session: { } session })
            {
                lock (_lock)
                {
                    _waiting.GetValueOrDefault(session)?.ForEach(waiting => waiting.Tell());
                }
            }
        }
    }

    private void TellAll()
    {
        lock (_lock)
        {
            foreach (var others in _waiting.Values)
            {
                others.ForEach(waiting => waiting.Tell());
            }
        }
    }

    private void Remove(Waiting waiting)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(waiting.Session, out var others) && others.Remove(waiting))
            {
                _count--;
                if (others.Count == 0)
                {
                    _waiting.Remove(waiting.Session);
                }
            }
        }
    }

    private Task<EventBatch> Read(string? cursor) =>
        grains.EventLog().Read(new EventCursorQuery(cursor, Batch));

    /// <summary>One who waits for the end of a session, until it is disposed.</summary>
    internal sealed class Waiting(EndingWatch watch, SessionId session) : IDisposable
    {
        private volatile TaskCompletionSource _told = New();

        public SessionId Session => session;

        /// <summary>Is over once the session has ended, or may have, since the last <see cref="Renew"/>.</summary>
        public Task Told => _told.Task;

        public void Tell() => _told.TrySetResult();

        /// <summary>Begins a new wait. Whoever asks about the session only after this misses no ending.</summary>
        public void Renew() => _told = New();

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => watch.Remove(this);
    }
}
