namespace SessionCluster.Events;

/// <summary>Reads the event log for callers that have no database of their own. Holds nothing.</summary>
[GrainType("event-list")]
public sealed class EventListGrain(IEventRows rows) : Grain, IEventListGrain
{
    public Task<EventPage> Search(EventQuery query) => rows.Search(query);

    public Task<EventInfo?> Find(Guid pk) => rows.Find(pk);

    public Task<EventBatch> Read(EventCursorQuery query) => rows.Read(query);
}

/// <summary>The event log, which the ledger writes append to.</summary>
public interface IEventRows
{
    Task<EventPage> Search(EventQuery query);

    /// <summary>One event, null when there is none.</summary>
    Task<EventInfo?> Find(Guid pk);

    /// <summary>The events behind a cursor; never one while a smaller one may still be committed.</summary>
    Task<EventBatch> Read(EventCursorQuery query);

    /// <summary>Appends an event of something that no ledger holds, unless it is there already.</summary>
    Task Append(EventInfo entry);
}
