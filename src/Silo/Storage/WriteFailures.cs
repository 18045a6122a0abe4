using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Reports that a database takes no writes: when it begins, then once a minute while it goes on, and when it is over. It is over
/// once writes have been taken for a while without a failure between them: a disk that is full still has room for a small write now
/// and then, which should not be reported as its recovery each time. What failed for want of room is not over before there is some.
/// </summary>
/// <param name="diskIsFull">Whether the disk has no room; null where a server knows.</param>
internal sealed partial class WriteFailures(TimeProvider time, ILogger log, Func<bool>? diskIsFull = null)
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

    /// <summary>Whether one of the failures that are going on was for want of room.</summary>
    private volatile bool _forRoom;

    /// <summary>Whether writes fail for want of room, even if one now and then is taken.</summary>
    public bool AreForRoom => _failing && _forRoom;

    /// <summary>A write failed, and not by its own fault.</summary>
    public void Failed(Exception error)
    {
        lock (_lock)
        {
            _failed = time.GetTimestamp();
            _forRoom |= error is SqliteException { SqliteErrorCode: raw.SQLITE_FULL } || diskIsFull?.Invoke() == true;
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
            if (_failing && time.GetElapsedTime(_failed) >= Quiet && !(_forRoom && diskIsFull?.Invoke() == true))
            {
                (_failing, _forRoom, _reported) = (false, false, null);
                LogRecovered(log);
            }
        }
    }

    [LoggerMessage(4001, LogLevel.Error, "The database does not take writes; further failures are logged once a minute.")]
    private static partial void LogFailed(ILogger logger, Exception error);

    [LoggerMessage(4002, LogLevel.Information, "The database takes writes again.")]
    private static partial void LogRecovered(ILogger logger);
}
