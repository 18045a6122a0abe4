using System.Collections.Immutable;
using SessionCluster.Events;

namespace SessionCluster.Api.Tests.Http;

/// <summary>An event log in memory; a list shows its events in the order in which they stand in it, by the user's name alone.</summary>
internal sealed class FakeEvents : IEventListGrain
{
    public EventQuery? Query { get; private set; }

    public List<EventInfo> All { get; } = [];

    /// <summary>Why no list can be read; null while it can.</summary>
    public Exception? Failure { get; set; }

    public Task<EventPage> Search(EventQuery query)
    {
        if (Failure is not null)
        {
            return Task.FromException<EventPage>(Failure);
        }

        Query = query;
        var found = All.Where(entry => query.Username is null || entry.User.Username == query.Username).ToList();
        return Task.FromResult(new EventPage(found.Count, [.. found.Skip(query.Offset).Take(query.Limit)]));
    }

    public Task<EventInfo?> Find(Guid pk) => Task.FromResult(All.Find(entry => entry.Pk == pk));

    /// <summary>What happens just before the log's present end is looked for.</summary>
    public Action? BeforeEnd { get; set; }

    /// <summary>How often the log was read on.</summary>
    public int Reads { get; private set; }

    /// <summary>How many of the first events are pruned, as far as cursors go.</summary>
    public int Pruned { get; set; }

    public Task<EventBatch> Read(EventCursorQuery query)
    {
        lock (All)
        {
            Reads++;
            if (query.After is null)
            {
                BeforeEnd?.Invoke();
                return Task.FromResult(new EventBatch(EventCursorOutcome.Read, $"{All.Count}", []));
            }

            if (!int.TryParse(query.After, out var after) || after > All.Count)
            {
                return Task.FromResult(new EventBatch(EventCursorOutcome.Unknown, "", []));
            }

            ImmutableArray<CursorEvent> events = [.. All.Skip(after).Take(query.Limit).Select((entry, index) => new CursorEvent($"{after + index + 1}", entry))];
            return Task.FromResult(after < Pruned
                ? new EventBatch(EventCursorOutcome.Gone, query.After, [])
                : new EventBatch(EventCursorOutcome.Read, $"{after + events.Length}", events));
        }
    }
}
