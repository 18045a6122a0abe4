namespace SessionCluster.Events;

/// <summary>Reads the event log for callers that have no database of their own. Holds nothing.</summary>
[GrainType("event-list")]
public sealed class EventListGrain(IEventRows rows) : Grain, IEventListGrain
{
    public Task<EventPage> Search(EventQuery query) => rows.Search(query);

    public Task<EventInfo?> Find(Guid pk) => rows.Find(pk);

    public Task<EventBatch> Read(EventCursorQuery query) => rows.Read(query);
}
