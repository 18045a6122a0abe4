using System.Collections.Immutable;

namespace SessionCluster.Events;

/// <summary>Which events behind a place in the log.</summary>
/// <param name="After">The cursor of the last event that the reader has; null asks for the log's present end, and no events.</param>
/// <param name="Limit">Most events to return, 1 to 100.</param>
[GenerateSerializer, Immutable, Alias("sc.event-cursor-query")]
public sealed record EventCursorQuery(
    [property: Id(0)] string? After,
    [property: Id(1)] int Limit);

/// <summary>Events in the order of their commits.</summary>
/// <param name="Outcome">Whether the log could be read from there.</param>
/// <param name="Cursor">The place behind the last event; the asked one when there are no events.</param>
/// <param name="Events">The events; fewer than asked for at the end of the log.</param>
[GenerateSerializer, Immutable, Alias("sc.event-batch")]
public sealed record EventBatch(
    [property: Id(0)] EventCursorOutcome Outcome,
    [property: Id(1)] string Cursor,
    [property: Id(2)] ImmutableArray<CursorEvent> Events);

/// <summary>An event and its place in the log.</summary>
/// <param name="Cursor">The place: ASCII without spaces or line breaks. Only the storage knows what it means.</param>
/// <param name="Event">The event.</param>
[GenerateSerializer, Immutable, Alias("sc.cursor-event")]
public sealed record CursorEvent(
    [property: Id(0)] string Cursor,
    [property: Id(1)] EventInfo Event);

/// <summary>Whether the log could be read from a place.</summary>
public enum EventCursorOutcome
{
    /// <summary>Yes, without a gap.</summary>
    Read = 0,

    /// <summary>Events behind the place have been pruned already.</summary>
    Gone = 1,

    /// <summary>The cursor is none that this log ever gave.</summary>
    Unknown = 2,
}
