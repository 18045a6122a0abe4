namespace SessionCluster.Alerts;

public sealed partial class AlertDeliveryGrain
{
    /// <summary>The transport that was sent by last: while it is that and a pause lasts, nothing is sent.</summary>
    private AlertTransport? _paused;

    public async Task<string?> Test(string? email)
    {
        if ((await Catalog.Read()).Transports.FirstOrDefault(known => known.Pk == Pk) is not { } transport)
        {
            return "The transport was deleted.";
        }

        var now = time.GetUtcNow();
        var entry = new EventInfo(Pk, EventActions.Custom, UserFacts.Nobody, null, null, now, "{}");
        const string Body = "This is a test of the transport.";
        return transport.Mode == TransportMode.Local
            ? null
            : (await sender.Send(transport, new AlertNotification(AlertNotification.IdOf(Pk, Guid.Empty, Pk, null), AlertSeverity.Notice, Body, entry, email))).Error;
    }

    /// <summary>Whether nothing is sent now. A pause is over, too, once somebody has corrected the transport, or deleted it.</summary>
    private async Task<bool> IsPaused(DateTimeOffset now)
    {
        if (row.State.PausedUntil - now is not { Ticks: > 0 } left || left > DeliveryWork.LongestPause)
        {
            _paused = null;
            return false;
        }

        await ReadCatalog();
        _paused ??= _matching!.Transport;
        return _paused is not null && _paused == _matching!.Transport;
    }

    private Task Send(DeliveryWork work, Dictionary<Guid, EventInfo> known, long began)
    {
        var due = new Queue<Queue<Delivery>>(work.Due());
        // A receiver that was away is tried with one notification.
        return Task.WhenAll(Enumerable.Range(0, work.Failures > 0 ? 1 : Parallelism).Select(async _ =>
        {
            while (due.TryDequeue(out var queue))
            {
                while (queue.TryPeek(out var delivery) && !work.IsPaused && time.GetElapsedTime(began) < LongestPass)
                {
                    if (_items!.Rules.FirstOrDefault(rule => rule.Pk == delivery.Rule) is not { } rule)
                    {
                        work.Drop(queue);
                    }
                    else if (!work.Settle(queue, await Send(delivery, rule, known), time.GetUtcNow()))
                    {
                        break;
                    }
                }
            }
        }));
    }

    private async Task<AlertSending> Send(Delivery delivery, AlertRule rule, Dictionary<Guid, EventInfo> known)
    {
        var transport = _paused = _matching!.Transport!;
        var entry = known.GetValueOrDefault(delivery.Event) ?? await events.Find(delivery.Event);
        var sending = entry is null
            ? new AlertSending(AlertOutcome.Impossible, "The event is no longer kept.")
            : await Send(transport, new AlertNotification(delivery.Notification, rule.Severity, Body(entry), entry, delivery.Email));
        SessionMetrics.AlertSent(transport.Mode, sending.Outcome);
        return sending;

        string Body(EventInfo told) =>
            AlertNotification.BodyOf(transport.Mode == TransportMode.Local || delivery.Email == told.User.Email ? told.ForItsUser() : told);
    }

    private async Task<AlertSending> Send(AlertTransport transport, AlertNotification notification)
    {
        if (transport.Mode != TransportMode.Local)
        {
            return await sender.Send(transport, notification);
        }

        try
        {
            await GrainFactory.GetGrain<INotificationGrain>(INotificationGrain.KeyFor(notification.Event.User.Id)).Add(new NotificationInfo(
                notification.Id, notification.Severity, notification.Body, notification.Event.Created, notification.Event.Pk, Seen: false));
            return new AlertSending(AlertOutcome.Delivered);
        }
        catch (StorageUnavailableException failure) when (failure.IsNewerRow)
        {
            // One user's list must not hold up those of the others.
            return new AlertSending(AlertOutcome.Refused, failure.Message);
        }
    }
}
