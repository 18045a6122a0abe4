namespace SessionCluster.Sessions;

/// <summary>
/// Lists and searches the live session rows. It holds no state; any key serves (<see cref="KeyFor"/>), and calls interleave.
/// A row is at most 60 seconds behind in its last use, never in whether it is live.
/// </summary>
[Alias("sc.session-list")]
public interface ISessionListGrain : IGrainWithStringKey
{
    /// <summary>The key for a shard; callers spread over a few.</summary>
    public static string KeyFor(int shard) => $"q:{shard}";

    /// <summary>One page of live sessions.</summary>
    [Alias("search"), AlwaysInterleave]
    Task<SessionPage> Search(SessionQuery query);

    /// <summary>One live session, null when there is none.</summary>
    [Alias("find"), AlwaysInterleave]
    Task<SessionInfo?> Find(SessionId id);

    /// <summary>One page of users.</summary>
    [Alias("users"), AlwaysInterleave]
    Task<UserPage> Users(UserQuery query);
}

/// <summary>Which sessions, in which order, and which page of them. A null filter does not filter.</summary>
/// <param name="Order">The order.</param>
/// <param name="Descending">Whether the order is reversed.</param>
/// <param name="Offset">Rows to skip.</param>
/// <param name="Limit">Most rows to return, 1 to 100.</param>
/// <param name="User">Sessions of this user.</param>
/// <param name="Username">Sessions whose user has exactly this name.</param>
/// <param name="LastIp">Last accepted address, canonical text.</param>
/// <param name="LastUserAgent">User agent of the last use, exactly.</param>
/// <param name="Search">Words each of which user name, address or user agent contain, ignoring ASCII case.</param>
/// <param name="Asn">AS number of the last accepted address.</param>
/// <param name="Country">ISO code of the country of the last accepted address.</param>
/// <param name="Begins">
/// Text that user name, key or address begin with, letter by letter. Of each the first <see cref="MostBegins"/> are looked at, so that it takes
/// as long however many sessions there are.
/// </param>
[GenerateSerializer, Immutable, Alias("sc.session-query")]
public sealed record SessionQuery(
    [property: Id(7)] SessionOrder Order,
    [property: Id(8)] bool Descending,
    [property: Id(9)] int Offset,
    [property: Id(10)] int Limit,
    [property: Id(0)] UserId? User = null,
    [property: Id(1)] string? Username = null,
    [property: Id(2)] string? LastIp = null,
    [property: Id(3)] string? LastUserAgent = null,
    [property: Id(4)] string? Search = null,
    [property: Id(5)] long? Asn = null,
    [property: Id(6)] string? Country = null,
    [property: Id(11)] string? Begins = null) : Sensitive
{
    /// <summary>Most sessions that a beginning finds by each of name, key and address.</summary>
    public const int MostBegins = 1000;
}

/// <summary>What sessions can be ordered by; equal rows are ordered by id; where the order is a text, by the absolute end first.</summary>
public enum SessionOrder
{
    /// <summary>By the moment of login.</summary>
    Created = 0,

    /// <summary>By the absolute end.</summary>
    Expires = 1,

    /// <summary>By the last use.</summary>
    LastUsed = 2,

    /// <summary>By the last accepted address, as text.</summary>
    LastIp = 3,

    /// <summary>By the user agent of the last use.</summary>
    LastUserAgent = 4,

    /// <summary>By the user's name.</summary>
    Username = 5,

    /// <summary>By the id.</summary>
    Id = 6,
}

/// <summary>One page of sessions.</summary>
/// <param name="Count">How many rows match in all.</param>
/// <param name="Sessions">The rows of the page.</param>
[GenerateSerializer, Immutable, Alias("sc.session-page")]
public sealed record SessionPage(
    [property: Id(0)] int Count,
    [property: Id(1)] ImmutableArray<SessionInfo> Sessions);
