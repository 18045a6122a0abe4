using SQLitePCL;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Checkpoints the log, that is, copies it into the database, while the writer goes on: a thread with a connection of its own runs passive
/// checkpoints, for which nobody waits. The log starts over only when all of it is checkpointed, and while somebody writes that is never so;
/// hence the writer checkpoints the last of it, a few milliseconds' worth, between two of its transactions. The log's file stays as long as a
/// busy time has made it; so once the writer has nothing to do the rest is checkpointed, and the file is cut.
/// </summary>
internal sealed partial class SqliteCheckpointer : IDisposable
{
    /// <summary>Most checkpoints that the thread runs in a row, each of what was written during the one before, until few pages are left.</summary>
    private const int Passes = 4;

    /// <summary>Bytes of a page in the log, about.</summary>
    private const int PageSize = 4_096;

    /// <summary>How long the writer has nothing to do before the log is cut. A few writes a second leave such moments, too.</summary>
    public static readonly TimeSpan QuietMoment = TimeSpan.FromMilliseconds(100);

    /// <summary>Pages of a log that is worth cutting, 4 MB: a shorter one may stay, so that a write now and then does not cost a cut each.</summary>
    private const int CutPages = 1_000;

    /// <summary>How long after a failure it is not tried again: on a full disk each try would write and fail.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly SqliteLink _link;

    private readonly int _due;

    private readonly TimeProvider _time;

    private readonly ILogger _log;

    private readonly Thread _thread;

    private readonly AutoResetEvent _wake = new(initialState: false);

    private volatile bool _stopping;

    /// <summary>Pages of the log that no checkpoint has begun with.</summary>
    private int _pages;

    /// <summary>The writer's: whether the thread has been woken and its work is not finished by the writer yet.</summary>
    private bool _begun;

    private volatile bool _restIsWriters;

    /// <summary>The writer's: pages that were logged since the file of the log was cut.</summary>
    private int _sinceCut;

    /// <summary>When it failed last, and when that was reported last; null when it has worked since. Of the one of the two that checkpoints.</summary>
    private (long Failed, long Reported)? _failure;

    public SqliteCheckpointer(string file, SqliteOptions options, TimeProvider time, ILogger log)
    {
        _link = SqliteLink.OpenWriter(file, options);
        _due = options.LogPages;
        (_time, _log) = (time, log);
        // What the last run left behind, if it had no orderly end.
        _sinceCut = new FileInfo(file + "-wal") is { Exists: true } left ? (int)(left.Length / PageSize) : 0;
        _thread = new Thread(Loop) { IsBackground = true, Name = "sqlite-checkpointer" };
        _thread.UnsafeStart();
    }

    /// <summary>The writer's: whether the log is to be cut at a quiet moment.</summary>
    public bool WantsQuiet => _sinceCut >= CutPages;

    /// <summary>The writer calls it between two transactions.</summary>
    public void AfterTransaction(SqliteLink writer)
    {
        var logged = writer.PagesLogged();
        _sinceCut += logged;
        var pages = Interlocked.Add(ref _pages, logged);
        if (_restIsWriters)
        {
            Checkpoint(writer);
            Volatile.Write(ref _pages, 0);
            _restIsWriters = false;
            _begun = false;
        }
        else if (pages >= _due)
        {
            Begin();
        }
    }

    /// <summary>
    /// The writer calls it when it has had nothing to do for a while: the thread checkpoints the log, and a later call cuts its file. A reader of an
    /// older moment puts that off to the next call.
    /// </summary>
    public void AtQuietMoment(SqliteLink writer)
    {
        if (!_begun)
        {
            Begin();
        }
        else if (_restIsWriters)
        {
            if (writer.TryCutLog())
            {
                _sinceCut = 0;
            }

            Volatile.Write(ref _pages, 0);
            _restIsWriters = false;
            _begun = false;
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
        _link.Dispose();
    }

    private void Begin()
    {
        if (!_begun && (_failure is not { } failure || _time.GetElapsedTime(failure.Failed) >= Pause))
        {
            _begun = true;
            _wake.Set();
        }
    }

    private void Loop()
    {
        while (_wake.WaitOne() && !_stopping)
        {
            var passes = 0;
            do
            {
                Volatile.Write(ref _pages, 0);
                Checkpoint(_link);
            }
            while (++passes < Passes && Volatile.Read(ref _pages) > _due / 12 && !_stopping);

            _restIsWriters = true;
        }
    }

    /// <summary>Checkpoints what readers of older moments do not hold back. SQLITE_BUSY only means that the other one, thread or writer, is checkpointing right now.</summary>
    private void Checkpoint(SqliteLink link)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(link.Connection.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        if (code is raw.SQLITE_OK or raw.SQLITE_BUSY)
        {
            _failure = code == raw.SQLITE_OK ? null : _failure;
            return;
        }

        var now = _time.GetTimestamp();
        var isReported = _failure is { } failure && _time.GetElapsedTime(failure.Reported, now) < WriteFailures.ReportEvery;
        _failure = (now, isReported ? _failure!.Value.Reported : now);
        if (!isReported)
        {
            LogFailed(_log, raw.sqlite3_errstr(code).utf8_to_string());
        }
    }

    [LoggerMessage(4006, LogLevel.Error, "The log could not be checkpointed into the database; it grows until that works, and this is said once a minute: {Problem}")]
    private static partial void LogFailed(ILogger logger, string problem);
}
