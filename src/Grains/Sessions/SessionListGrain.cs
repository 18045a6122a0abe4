namespace SessionCluster.Sessions;

/// <summary>Reads the session rows for callers that have no database of their own. Holds nothing.</summary>
[GrainType("session-list")]
public sealed class SessionListGrain(ISessionLists lists, TimeProvider time) : Grain, ISessionListGrain
{
    public Task<SessionPage> Search(SessionQuery query) => lists.Search(query, time.GetUtcNow());

    public async Task<SessionInfo?> Find(SessionId id) => (await lists.Find(id, time.GetUtcNow()))?.ToInfo();
}
