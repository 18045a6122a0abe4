using System.Text.Json.Nodes;

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
/// <param name="Search">Words each of which the action, user name, address or context contain, ignoring ASCII case.</param>
/// <param name="Descending">True for the latest first.</param>
/// <param name="Offset">Rows to skip.</param>
/// <param name="Limit">Most rows to return, 1 to 100.</param>
/// <param name="User">Events of the user with this key. No index serves it alone: it goes with another filter.</param>
/// <param name="Session">The events of one session.</param>
/// <param name="Since">Events created after this moment.</param>
/// <param name="Newest">How many events the search looks at, the newest of those that the other filters leave; null for all.</param>
/// <param name="MostCounted">How far the matching events are counted; null for all, 0 for what is asked for over and over and cares only for the page.</param>
[GenerateSerializer, Immutable, Alias("sc.event-query")]
public sealed record EventQuery(
    [property: Id(0)] ImmutableArray<string> Actions,
    [property: Id(1)] string? Username,
    [property: Id(2)] string? ClientIp,
    [property: Id(3)] string? Search,
    [property: Id(4)] bool Descending,
    [property: Id(5)] int Offset,
    [property: Id(6)] int Limit,
    [property: Id(7)] UserId? User = null,
    [property: Id(8)] SessionId? Session = null,
    [property: Id(9)] DateTimeOffset? Since = null,
    [property: Id(10)] int? Newest = null,
    [property: Id(11)] int? MostCounted = null) : Sensitive;

/// <summary>One page of events.</summary>
/// <param name="Count">How many rows match in all, or as far as they are counted; of an uncounted query, how many the page has and those before it.</param>
/// <param name="Events">The rows of the page.</param>
[GenerateSerializer, Immutable, Alias("sc.event-page")]
public sealed record EventPage(
    [property: Id(0)] int Count,
    [property: Id(1)] ImmutableArray<EventInfo> Events);

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

    /// <summary>The cursor is not one that this log ever gave.</summary>
    Unknown = 2,
}

/// <summary>One entry of the event log.</summary>
/// <param name="Pk">The event's id.</param>
/// <param name="Action">What happened, one of <see cref="EventActions"/>.</param>
/// <param name="User">Whose session it was, or who was activated or deactivated; nobody, with an empty key, where a stage or something of the alerts was changed.</param>
/// <param name="ClientIp">The address that caused it; null when the server itself did.</param>
/// <param name="Session">The session, on login and logout.</param>
/// <param name="Created">The moment of the change.</param>
/// <param name="ContextJson">The context as the text of a JSON object; authentik's keys.</param>
[GenerateSerializer, Immutable, Alias("sc.event-info")]
public sealed record EventInfo(
    [property: Id(0)] Guid Pk,
    [property: Id(1)] string Action,
    [property: Id(2)] UserFacts User,
    [property: Id(3)] string? ClientIp,
    [property: Id(4)] SessionId? Session,
    [property: Id(5)] DateTimeOffset Created,
    [property: Id(6)] string ContextJson) : Sensitive
{
    private static readonly string[] OfOperators = ["http_request", "asn", "geo"];

    /// <summary>
    /// The event as its own user reads it: without the key that asked for it and what its holder said of it and, unless it is of a login or a
    /// logout of the user's own, without where the key was used.
    /// </summary>
    public EventInfo ForItsUser()
    {
        if (Action == EventActions.Login || JsonNode.Parse(ContextJson) is not JsonObject context || !context.Remove("actor"))
        {
            return this;
        }

        var reason = EndReasons.Of((context["standard_reason"] ?? context["logout_reason"])?.GetValue<string>() ?? "");
        context.Remove("standard_reason");
        if (context.ContainsKey("logout_reason"))
        {
            context["logout_reason"] = EndReasons.Text(reason ?? EndReason.RevokedByAdmin);
        }

        // A front end asks with its key, too, and says where the user was.
        if (reason is EndReason.LoggedOut or EndReason.ReplacedByLogin or EndReason.TerminatedByLogin or EndReason.SessionLimit or EndReason.RevokedByOwner)
        {
            return this with { ContextJson = context.ToJsonString() };
        }

        Array.ForEach(OfOperators, name => context.Remove(name));
        return this with { ClientIp = null, ContextJson = context.ToJsonString() };
    }
}

/// <summary>The one list of event actions; the names are authentik's.</summary>
public static class EventActions
{
    /// <summary>A session began.</summary>
    public const string Login = "login";

    /// <summary>A session ended, in whatever way; <c>context.logout_reason</c> says which.</summary>
    public const string Logout = "logout";

    /// <summary>A stage, transport, rule, matcher or binding was made.</summary>
    public const string ModelCreated = "model_created";

    /// <summary>A stage, transport, rule, matcher or binding was changed, or a user activated or deactivated; <c>context.diff</c> says what became of which field.</summary>
    public const string ModelUpdated = "model_updated";

    /// <summary>A stage, transport, rule, matcher or binding was deleted.</summary>
    public const string ModelDeleted = "model_deleted";

    /// <summary>A notification that tries a transport. No event of the log has it.</summary>
    public const string Custom = "custom_";
}
