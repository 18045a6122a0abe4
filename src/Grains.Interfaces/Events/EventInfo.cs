using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Events;

/// <summary>One entry of the event log.</summary>
/// <param name="Pk">The event's id.</param>
/// <param name="Action">What happened, one of <see cref="EventActions"/>.</param>
/// <param name="User">Whose session it was, or who was deactivated; of a change of a stage nobody, with an empty key.</param>
/// <param name="ClientIp">The address that caused it; null when the server itself did.</param>
/// <param name="Session">The session, on login and logout.</param>
/// <param name="Created">The moment of the change.</param>
/// <param name="ContextJson">The context as the text of a JSON object; the seed's keys.</param>
[GenerateSerializer, Immutable, Alias("sc.event-info")]
public sealed record EventInfo(
    [property: Id(0)] Guid Pk,
    [property: Id(1)] string Action,
    [property: Id(2)] UserFacts User,
    [property: Id(3)] string? ClientIp,
    [property: Id(4)] SessionId? Session,
    [property: Id(5)] DateTimeOffset Created,
    [property: Id(6)] string ContextJson);

/// <summary>The one list of event actions; the names are authentik's.</summary>
public static class EventActions
{
    /// <summary>A session began.</summary>
    public const string Login = "login";

    /// <summary>A session ended, in whatever way; <c>context.logout_reason</c> says which.</summary>
    public const string Logout = "logout";

    /// <summary>A stage was made.</summary>
    public const string ModelCreated = "model_created";

    /// <summary>A stage was changed, or a user activated or deactivated; <c>context.diff</c> says what became of which field.</summary>
    public const string ModelUpdated = "model_updated";

    /// <summary>A stage was deleted.</summary>
    public const string ModelDeleted = "model_deleted";
}
