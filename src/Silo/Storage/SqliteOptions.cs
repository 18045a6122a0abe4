namespace SessionCluster.Silo.Storage;

/// <summary>Limits of the SQLite storage; section <c>Storage:Sqlite</c>.</summary>
public sealed class SqliteOptions : ICheckedOptions
{
    public const string Section = "Storage:Sqlite";

    /// <summary>How long a write waits to be tried, and a read for a connection: twice as long as a statement waits for another's lock, and less than its caller waits.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Most writes that may wait for the writer; 16,384 unless set, 1 to 1,000,000. A write beyond it fails at once and nothing
    /// of it happens.
    /// </summary>
    public int QueueLimit { get; set; } = 16_384;

    /// <summary>Most writes that share one transaction; 512 unless set, 1 to 10,000. Bounds how long the first of them waits.</summary>
    public int GroupLimit { get; set; } = 512;

    /// <summary>Connections for reads of single rows and of one user; 8 unless set, 1 to 256.</summary>
    public int PointReaders { get; set; } = 8;

    /// <summary>Connections for lists and searches, apart so that they cannot hold up the others; 2 unless set, 1 to 64.</summary>
    public int ListReaders { get; set; } = 2;

    /// <summary>
    /// From how many pages of 4 KiB on the log is checkpointed, that is, copied into the database; 12,000 (48 MB) unless set, 100 to 1,000,000. A longer
    /// log saves writing the same pages again and again, a shorter one recovers sooner after a crash.
    /// </summary>
    public int LogPages { get; set; } = 12_000;

    public void Check(SettingsCheck check)
    {
        check.Range(nameof(QueueLimit), QueueLimit, 1, 1_000_000);
        check.Range(nameof(GroupLimit), GroupLimit, 1, 10_000);
        check.Range(nameof(PointReaders), PointReaders, 1, 256);
        check.Range(nameof(ListReaders), ListReaders, 1, 64);
        check.Range(nameof(LogPages), LogPages, 100, 1_000_000);
    }
}
