using SQLitePCL;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Folds the log into the database while the writer goes on: a thread with a connection of its own that runs passive checkpoints, for
/// which nobody waits. The log begins anew only when all of it is folded, and while somebody writes that is never so; hence the writer
/// folds the last of it, a few milliseconds' worth, between two of its transactions.
/// </summary>
internal sealed partial class SqliteCheckpointer : IDisposable
{
    /// <summary>Most times that the thread folds in a row, each time what was written during the one before, until few pages are left.</summary>
    private const int Passes = 4;

    private readonly SqliteLink _link;

    private readonly int _due;

    private readonly ILogger _log;

    private readonly Thread _thread;

    private readonly AutoResetEvent _wake = new(initialState: false);

    private volatile bool _stopping;

    /// <summary>Pages of the log that no pass has begun to fold.</summary>
    private int _pages;

    /// <summary>The writer's: whether the thread has been woken and its work is not finished by the writer yet.</summary>
    private bool _begun;

    /// <summary>Whether the rest is the writer's.</summary>
    private volatile bool _restIsWriters;

    public SqliteCheckpointer(string file, SqliteOptions options, ILogger log)
    {
        _link = SqliteLink.OpenWriter(file, options);
        _due = options.LogPages;
        _log = log;
        _thread = new Thread(Loop) { IsBackground = true, Name = "sqlite-checkpointer" };
        _thread.UnsafeStart();
    }

    /// <summary>The writer calls it between two transactions.</summary>
    public void AfterTransaction(SqliteLink writer)
    {
        var pages = Interlocked.Add(ref _pages, writer.PagesLogged());
        if (_restIsWriters)
        {
            Fold(writer);
            Volatile.Write(ref _pages, 0);
            _restIsWriters = false;
            _begun = false;
        }
        else if (pages >= _due && !_begun)
        {
            _begun = true;
            _wake.Set();
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

    private void Loop()
    {
        while (_wake.WaitOne() && !_stopping)
        {
            var passes = 0;
            do
            {
                Volatile.Write(ref _pages, 0);
                Fold(_link);
            }
            while (++passes < Passes && Volatile.Read(ref _pages) > _due / 12 && !_stopping);

            _restIsWriters = true;
        }
    }

    /// <summary>Folds what readers of older moments do not hold back. Busy is the other one of the two that fold.</summary>
    private void Fold(SqliteLink link)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(link.Connection.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        if (code is not (raw.SQLITE_OK or raw.SQLITE_BUSY))
        {
            LogFailed(_log, raw.sqlite3_errstr(code).utf8_to_string());
        }
    }

    [LoggerMessage(4006, LogLevel.Error, "The log could not be folded into the database; it grows until that works: {Problem}")]
    private static partial void LogFailed(ILogger logger, string problem);
}
