using System.Collections.Immutable;

namespace SessionCluster.Events;

/// <summary>Lists the event log. It holds no state; any key serves (<see cref="KeyFor"/>), and calls interleave.</summary>
[Alias("sc.event-list")]
public interface IEventListGrain : IGrainWithStringKey
{
    /// <summary>The key for a shard; callers spread over a few.</summary>
    public static string KeyFor(int shard) => $"q:{shard}";

    /// <summary>One page of events.</summary>
    [Alias("search"), AlwaysInterleave]
    Task<EventPage> Search(EventQuery query);

    /// <summary>One event, null when there is none.</summary>
    [Alias("find"), AlwaysInterleave]
    Task<EventInfo?> Find(Guid pk);

    /// <summary>The events behind a place in the log, in the order of their commits; nothing is left out and nothing comes twice.</summary>
    [Alias("read"), AlwaysInterleave]
    Task<EventBatch> Read(EventCursorQuery query);
}

/// <summary>Which events, in which order, and which page of them. A null filter does not filter.</summary>
/// <param name="Actions">Events of these actions; empty for all.</param>
/// <param name="Username">Events whose user has exactly this name.</param>
/// <param name="ClientIp">The causing address, canonical text.</param>
/// <param name="Search">Text that the action, user name, address or context contain, ignoring ASCII case.</param>
/// <param name="Descending">True for the latest first.</param>
/// <param name="Offset">Rows to skip.</param>
/// <param name="Limit">Most rows to return, 1 to 100.</param>
[GenerateSerializer, Immutable, Alias("sc.event-query")]
public sealed record EventQuery(
    [property: Id(0)] ImmutableArray<string> Actions,
    [property: Id(1)] string? Username,
    [property: Id(2)] string? ClientIp,
    [property: Id(3)] string? Search,
    [property: Id(4)] bool Descending,
    [property: Id(5)] int Offset,
    [property: Id(6)] int Limit);

/// <summary>One page of events.</summary>
/// <param name="Count">How many rows match in all.</param>
/// <param name="Events">The rows of the page.</param>
[GenerateSerializer, Immutable, Alias("sc.event-page")]
public sealed record EventPage(
    [property: Id(0)] int Count,
    [property: Id(1)] ImmutableArray<EventInfo> Events);
