namespace SessionCluster.Api.Metrics;

/// <summary>What a process with a database knows of how much is in it; it implements this.</summary>
public interface IStorageLevels
{
    /// <summary>How much there is now. Counts all sessions, so it is not for every request.</summary>
    Task<StorageLevels> Read();
}

/// <summary>How much is in the database.</summary>
/// <param name="LiveSessions">Stored sessions that are not past their end.</param>
/// <param name="DatabaseBytes">The size of the database.</param>
/// <param name="LogBytes">The size of the log of what is not in the database file yet; null where a server keeps it.</param>
/// <param name="FreeBytes">What is free on the disk; null where a server has it.</param>
public sealed record StorageLevels(long LiveSessions, long DatabaseBytes, long? LogBytes, long? FreeBytes);
