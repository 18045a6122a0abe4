namespace SessionCluster.Silo.Storage;

/// <summary>
/// Reports that a database takes no writes: when it begins, then once a minute while it goes on, and when it is over. It is over
/// once writes have been taken for a while without a failure between them: a disk that is full still has room for a small write now
/// and then, which should not be reported as its recovery each time.
/// </summary>
internal sealed partial class WriteFailures(TimeProvider time, ILogger log)
{
    /// <summary>How often a failure is reported.</summary>
    public static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);

    /// <summary>How long after the last failure a write counts as the recovery.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();

    private long? _reported;

    private long _failed;

    /// <summary>Whether failures are going on; read without the lock by every write that succeeds.</summary>
    private volatile bool _failing;

    /// <summary>A write failed, and not by its own fault.</summary>
    public void Failed(Exception error)
    {
        lock (_lock)
        {
            _failed = time.GetTimestamp();
            _failing = true;
            if (_reported is not { } last || time.GetElapsedTime(last, _failed) >= ReportEvery)
            {
                _reported = _failed;
                LogFailed(log, error);
            }
        }
    }

    /// <summary>A write was taken.</summary>
    public void Succeeded()
    {
        if (!_failing)
        {
            return;
        }

        lock (_lock)
        {
            if (_failing && time.GetElapsedTime(_failed) >= Quiet)
            {
                (_failing, _reported) = (false, null);
                LogRecovered(log);
            }
        }
    }

    [LoggerMessage(4001, LogLevel.Error, "The database does not take writes; further failures are logged once a minute.")]
    private static partial void LogFailed(ILogger logger, Exception error);

    [LoggerMessage(4002, LogLevel.Information, "The database takes writes again.")]
    private static partial void LogRecovered(ILogger logger);
}
