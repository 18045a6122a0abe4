namespace SessionCluster.Sessions;

/// <summary>Reads the session rows for callers that have no database of their own. Holds nothing.</summary>
[GrainType("session-list")]
public sealed class SessionListGrain(ISessionLists lists, TimeProvider time) : Grain, ISessionListGrain
{
    public Task<SessionPage> Search(SessionQuery query) => lists.Search(query, time.GetUtcNow());

    public async Task<SessionInfo?> Find(SessionId id) => (await lists.Find(id, time.GetUtcNow()))?.ToInfo();

    public Task<UserPage> Users(UserQuery query) => lists.Users(query, time.GetUtcNow());
}

/// <summary>Reads the rows of live sessions for lists. Live means: not ended, and now is before the absolute end.</summary>
public interface ISessionLists
{
    Task<SessionPage> Search(SessionQuery query, DateTimeOffset now);

    Task<SessionV1?> Find(SessionId id, DateTimeOffset now);

    /// <summary>One page of users, with or without live sessions.</summary>
    Task<UserPage> Users(UserQuery query, DateTimeOffset now);
}
