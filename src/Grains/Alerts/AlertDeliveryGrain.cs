namespace SessionCluster.Alerts;

/// <summary>
/// The delivery grain. While a rule uses its transport, a timer of its own looks at the log a few times a second, so that a login knows
/// nothing of it. What was sent is noted after it was sent: a crash between the two sends again, with the same ids. Two activations, as a
/// change of the membership may leave for a while, do the same: one of them fails to note, and ends. An activation notes what it is going
/// to send before it sends for the first time: while nothing can be noted, each would send the same again.
/// </summary>
[GrainType("alert-delivery")]
public sealed partial class AlertDeliveryGrain(
    [PersistentState(AlertDeliveryV1.StateName, "states")] IPersistentState<AlertDeliveryV1> row,
    IEventRows events,
    IAlertSender sender,
    TimeProvider time,
    ILogger<AlertDeliveryGrain> log)
    : Grain, IAlertDeliveryGrain
{
    /// <summary>
    /// Events read per step: between MinBatch (many rules, so many notifications per event) and MaxBatch (few rules; also the log's own
    /// limit). Each step ends with a write, which a machine at its limit feels.
    /// </summary>
    private const int MaxBatch = 100, MinBatch = 32;

    /// <summary>How many queues are sent from at the same time.</summary>
    private const int Parallelism = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>After this a pass sends nothing more, so that calls do not wait for long.</summary>
    private static readonly TimeSpan LongestPass = TimeSpan.FromSeconds(3);

    /// <summary>A place past events that nobody is notified of is stored this often; they are looked at again after a crash.</summary>
    private static readonly TimeSpan NotePlaceEvery = TimeSpan.FromSeconds(10);

    private AlertMatching? _matching;

    private AlertItems? _items;

    /// <summary>The place up to which the log was looked at; ahead of the stored one where there was nothing to send.</summary>
    private string? _place;

    private int _batch = MinBatch;

    private IGrainTimer? _timer;

    private long _noted;

    /// <summary>Whether this activation has written its row: nothing is sent before.</summary>
    private bool _hasWritten;

    private bool _isFailing;

    /// <summary>Whether the place is stored and each pass looks at the log and then at the rules: one that is saved from now on counts.</summary>
    private bool _follows;

    /// <summary>How often somebody said that the rules may be others.</summary>
    private int _told;

    private Guid Pk => Guid.ParseExact(this.GetPrimaryKeyString()[2..], "N");

    private IAlertCatalogGrain Catalog => GrainFactory.GetGrain<IAlertCatalogGrain>(IAlertCatalogGrain.Key);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _place = row.State.Place;
        return Task.CompletedTask;
    }

    public Task<bool> NoteChange()
    {
        _told++;
        return Task.FromResult(_follows && _timer is not null);
    }

    public async Task Begin()
    {
        if (await Prepare())
        {
            _timer ??= this.RegisterGrainTimer(Pass, new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = Pause, KeepAlive = true });
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        AlertLag.Forget(this);
        return Task.CompletedTask;
    }

    public Task<Deliveries> Describe() => Task.FromResult(new Deliveries(row.State.Waiting, row.State.Failed));

    public async Task<int> Retry(Guid? notification)
    {
        var now = time.GetUtcNow();
        var (before, again) = (row.State, new Func<Delivery, bool>(delivery => notification is null || delivery.Notification == notification));
        var failed = before.Failed.Where(again).Select(delivery => delivery with { Attempts = 0, Next = now, Planned = now }).ToArray();
        var count = failed.Length + before.Waiting.Count(again);
        if (count > 0)
        {
            await Write(before with
            {
                Waiting = [.. before.Waiting.Select(delivery => again(delivery) ? delivery with { Next = now } : delivery), .. failed],
                Failed = before.Failed.RemoveAll(delivery => again(delivery)),
                PausedUntil = null,
            });
            await Begin();
        }

        return count;
    }

    /// <summary>
    /// Looks at the rules; false when there is nothing to do, in which case the grain rests, and leaves without a trace if its transport was
    /// deleted.
    /// </summary>
    private async Task<bool> Prepare()
    {
        await ReadCatalog();
        if (_matching!.Transport is null)
        {
            Rest();
            if (row.RecordExists)
            {
                DeactivateOnIdle();
                await row.ClearStateAsync();
            }

            return false;
        }

        var isUsed = !_items!.RulesOf(Pk).IsEmpty;
        _follows &= isUsed && row.State.Place is not null;
        if (isUsed && row.State.Place is null)
        {
            var end = await events.Read(new EventCursorQuery(null, 1));
            await Write(row.State with { Place = _place = end.Cursor });
        }
        else if (!isUsed && row.State.Place is not null)
        {
            await Write(row.State with { Place = _place = null });
        }

        _follows = isUsed;
        if (isUsed || !row.State.Waiting.IsEmpty)
        {
            return true;
        }

        Rest();
        return false;
    }

    /// <summary>Does nothing until it is called again; Orleans takes it out of memory when that is long ago.</summary>
    private void Rest()
    {
        _timer?.Dispose();
        _timer = null;
        _follows = false;
    }

    private async Task ReadCatalog()
    {
        AlertItems items;
        int told;
        do
        {
            told = _told;
            items = await Catalog.Read();
        }
        while (told != _told);

        if (_items?.Revision != items.Revision || _matching is null)
        {
            (_items, _matching) = (items, new AlertMatching(items, Pk));
            _batch = Math.Clamp(DeliveryWork.MaxWaiting / Math.Max(1, items.RulesOf(Pk).Length), MinBatch, MaxBatch);
            ShowLag();
        }
    }

    private async Task Pass(CancellationToken stop)
    {
        var began = time.GetTimestamp();
        try
        {
            while (!stop.IsCancellationRequested && await Step(began) && time.GetElapsedTime(began) < LongestPass)
            {
            }

            _isFailing = false;
        }
        catch (Exception failure)
        {
            if (!_isFailing)
            {
                LogFailed(log, failure, Pk);
            }

            _isFailing = true;
        }
    }

    /// <summary>One step; whether there may be more to do at once.</summary>
    private async Task<bool> Step(long began)
    {
        var now = time.GetUtcNow();
        if (await IsPaused(now))
        {
            return false;
        }

        var limit = _batch;
        var batch = row.State.Waiting.Length < DeliveryWork.MaxWaiting && _place is not null ? await Read(_place, limit) : null;
        // After the log: whatever rule was stored before an event happened is known by now.
        if (!await Prepare())
        {
            return false;
        }

        var work = new DeliveryWork(row.State, now);
        var known = new Dictionary<Guid, EventInfo>();
        foreach (var entry in _place is null ? [] : batch?.Events ?? [])
        {
            foreach (var (rule, email) in _matching!.DestinationsOf(entry.Event))
            {
                work.Add(AlertNotification.IdOf(Pk, rule.Pk, entry.Event.Pk, email), entry.Event, rule.Pk, email);
            }

            known[entry.Event.Pk] = entry.Event;
        }

        var place = _place is null ? null : batch?.Cursor ?? _place;
        if (!_hasWritten && work.Due().Any())
        {
            await Write(work.ToRow(row.State, place, now));
        }

        try
        {
            await Send(work, known, began);
        }
        finally
        {
            // What was sent is noted, also where another could not be looked up.
            _place = place;
            await Note(work);
        }

        return batch?.Events.Length == limit && !work.IsPaused;
    }

    private async Task<EventBatch> Read(string place, int limit)
    {
        var batch = await events.Read(new EventCursorQuery(place, limit));
        if (batch.Outcome == EventCursorOutcome.Read)
        {
            return batch;
        }

        LogGone(log, Pk);
        SessionMetrics.AlertPlaceLost();
        return await events.Read(new EventCursorQuery(null, 1));
    }

    private async Task Note(DeliveryWork work)
    {
        work.MakeRoom(time.GetUtcNow());
        if (work.HasChanged || (_place != row.State.Place && time.GetElapsedTime(_noted) >= NotePlaceEvery))
        {
            await Write(work.ToRow(row.State, _place, time.GetUtcNow()));
            SessionMetrics.AlertsGivenUp(_matching!.Transport!.Mode, work.GivenUp);
        }
    }

    private void ShowLag() => AlertLag.Show(this, _matching?.Transport?.Mode, row.State.Waiting, time);

    /// <summary>After a conflict or an unknown outcome the next activation goes on from what is stored.</summary>
    private async Task Write(AlertDeliveryV1 next)
    {
        await row.Change(
            () => ValueTask.FromResult(new Decision<AlertDeliveryV1, bool>(next, true)),
            committed: _ =>
            {
                (_noted, _hasWritten) = (time.GetTimestamp(), true);
                ShowLag();
            },
            reload: (conflict, _) => End(conflict),
            fail: (_, _) => _ = End(null));

        Task End(Exception? conflict)
        {
            Rest();
            DeactivateOnIdle();
            return conflict is null ? Task.CompletedTask : Task.FromException(conflict);
        }
    }
}
