namespace SessionCluster.Embedded.Geo;

/// <summary>How a database file is held.</summary>
public enum FileAccessMode
{
    /// <summary>
    /// The file is mapped: it opens at once and shares its pages with every other process. It must be replaced by rename, as all
    /// of MaxMind's tools do: cutting a mapped file short in place kills the process at its next look-up (SIGBUS).
    /// </summary>
    MemoryMapped,

    /// <summary>The file is read into memory: whatever happens to it afterwards changes nothing.</summary>
    Memory,
}
