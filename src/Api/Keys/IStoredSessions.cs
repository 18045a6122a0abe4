namespace SessionCluster.Api.Keys;

/// <summary>What a process with a database knows of the sessions that new token keys would end; it implements this.</summary>
public interface IStoredSessions
{
    /// <summary>How many sessions are stored that are not past their end.</summary>
    Task<long> CountLive();
}
