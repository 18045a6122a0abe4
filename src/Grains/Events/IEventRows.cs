namespace SessionCluster.Events;

/// <summary>The event log, which the ledger writes append to.</summary>
public interface IEventRows
{
    /// <summary>One page of events.</summary>
    Task<EventPage> Search(EventQuery query);

    /// <summary>One event, null when there is none.</summary>
    Task<EventInfo?> Find(Guid pk);

    /// <summary>The events behind a cursor; never one while a smaller one may still be committed.</summary>
    Task<EventBatch> Read(EventCursorQuery query);

    /// <summary>Appends an event of something that no ledger holds, unless it is there already.</summary>
    Task Append(EventV1 entry);
}
