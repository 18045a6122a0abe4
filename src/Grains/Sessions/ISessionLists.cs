namespace SessionCluster.Sessions;

/// <summary>Reads the rows of live sessions for lists. Live means: not ended, and now is before the absolute end.</summary>
public interface ISessionLists
{
    /// <summary>One page of live sessions.</summary>
    Task<SessionPage> Search(SessionQuery query, DateTimeOffset now);

    /// <summary>One live session.</summary>
    Task<SessionV1?> Find(SessionId id, DateTimeOffset now);
}
