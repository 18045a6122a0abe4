namespace SessionCluster.Users;

/// <summary>Which users. A page begins behind another's last user, so that it costs the same however many there are.</summary>
/// <param name="Order">What users are found and ordered by.</param>
/// <param name="Prefix">How the name or the key begins, letter by letter as it is written; empty for all.</param>
/// <param name="After">The name or key that the page comes after; null for the first page.</param>
/// <param name="Limit">Most users to return, 1 to 100.</param>
[GenerateSerializer, Immutable, Alias("sc.user-query")]
public sealed record UserQuery(
    [property: Id(0)] UserOrder Order,
    [property: Id(1)] string Prefix,
    [property: Id(2)] string? After,
    [property: Id(3)] int Limit) : Sensitive;

/// <summary>What users are found and ordered by.</summary>
public enum UserOrder
{
    /// <summary>
    /// By the name, of those of whom the event log has an event. Where several keys had one name, the one of the latest event stands for it.
    /// </summary>
    Name = 0,

    /// <summary>By the key, of all who ever had a session, or were activated or deactivated.</summary>
    Key = 1,
}

/// <summary>One page of users.</summary>
/// <param name="Users">The users, in order.</param>
/// <param name="HasMore">Whether others come after them.</param>
[GenerateSerializer, Immutable, Alias("sc.user-page")]
public sealed record UserPage(
    [property: Id(0)] ImmutableArray<ListedUser> Users,
    [property: Id(1)] bool HasMore);

/// <summary>A user in a list.</summary>
/// <param name="User">Key, and name and e-mail of the latest login that is known; empty where none is.</param>
/// <param name="Active">False while deactivated.</param>
/// <param name="Sessions">Live sessions.</param>
/// <param name="Seen">The latest event by name; the latest login that is live by key; null where there is none.</param>
[GenerateSerializer, Immutable, Alias("sc.listed-user")]
public sealed record ListedUser(
    [property: Id(0)] UserFacts User,
    [property: Id(1)] bool Active,
    [property: Id(2)] int Sessions,
    [property: Id(3)] DateTimeOffset? Seen);
