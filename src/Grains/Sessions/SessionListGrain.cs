namespace SessionCluster.Sessions;

/// <summary>Reads the session rows for callers that have no database of their own. Holds nothing.</summary>
[GrainType("session-list")]
public sealed class SessionListGrain(ISessionRows rows, TimeProvider time) : Grain, ISessionListGrain
{
    public Task<SessionPage> Search(SessionQuery query) => rows.Search(query, time.GetUtcNow());

    public async Task<SessionInfo?> Find(SessionId id) => (await rows.Find(id, time.GetUtcNow()))?.ToInfo();
}
