namespace SessionCluster.Api.Metrics;

/// <summary>What a process with a database knows of how much is in it; it implements this.</summary>
public interface IStorageLevels
{
    /// <summary>How many stored sessions are not past their end. Counts all of them, so it is not for every request.</summary>
    Task<long> CountLive();

    /// <summary>How much room the database takes now.</summary>
    Task<StorageSizes> ReadSizes();
}

/// <summary>How much room a database takes.</summary>
/// <param name="LogBytes">The size of the log of what is not in the database file yet; null where a server keeps it.</param>
/// <param name="FreeBytes">What is free on the disk; null where a server has it.</param>
public sealed record StorageSizes(long DatabaseBytes, long? LogBytes, long? FreeBytes);
