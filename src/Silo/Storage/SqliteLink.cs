using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SessionCluster.Silo.Storage;

/// <summary>One connection with its prepared statements. One thread at a time.</summary>
internal sealed class SqliteLink : IDisposable
{
    /// <summary>Seconds that a statement waits for another process' lock on the database: nobody but an operator's tool can have one.</summary>
    private const int BusySeconds = 5;

    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    private SqliteLink(SqliteConnection connection) => Connection = connection;

    public SqliteConnection Connection { get; }

    /// <summary>Whether a transaction is open. SQLite itself ends one on some errors of the disk.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Connection.Handle) == 0;

    /// <summary>How many pages this connection has written to the log since it was asked last.</summary>
    public int PagesLogged()
    {
        raw.sqlite3_db_status(Connection.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, resetFlg: 1);
        return pages;
    }

    /// <summary>
    /// A connection that writes. WAL, so that readers never wait for it; synchronous FULL, so that a commit has reached the
    /// disk before it is answered. <see cref="SqliteCheckpointer"/> checkpoints the log (copies it into the database); SQLite itself
    /// checkpoints inside a commit only if the log reaches four times LogPages. Where it is never quiet, the file of the log is cut to LogPages
    /// when the log starts over. The cache is small because SQLite walks all of it at the end of nearly every transaction that splits a page;
    /// what is not in it is in the system's.
    /// </summary>
    public static SqliteLink OpenWriter(string file, SqliteOptions options) => Open(
        file,
        SqliteOpenMode.ReadWriteCreate,
        $"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA fullfsync=ON; PRAGMA checkpoint_fullfsync=ON; PRAGMA wal_autocheckpoint={4 * options.LogPages}; PRAGMA journal_size_limit={options.LogPages * 4096L}; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;");

    /// <summary>A connection that reads: every transaction sees one moment, and never half a commit.</summary>
    public static SqliteLink OpenReader(string file) => Open(
        file,
        SqliteOpenMode.ReadWrite,
        "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192;");

    /// <summary>
    /// Checkpoints the rest of the log and cuts its file to nothing, unless somebody reads what is in it: nobody is waited for. Only where
    /// nobody writes.
    /// </summary>
    public bool TryCutLog()
    {
        raw.sqlite3_busy_timeout(Connection.Handle, 0);
        try
        {
            return raw.sqlite3_wal_checkpoint_v2(Connection.Handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _) == raw.SQLITE_OK;
        }
        finally
        {
            raw.sqlite3_busy_timeout(Connection.Handle, BusySeconds * 1000);
        }
    }

    /// <summary>The prepared statement of a text. Only constant texts belong here: nothing is ever thrown out.</summary>
    public Statement Prepared(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new Statement(Connection, sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>A statement for one use, whose text depends on the request.</summary>
    public Statement Once(string sql) => new(Connection, sql);

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        Connection.Dispose();
    }

    private static SqliteLink Open(string file, SqliteOpenMode mode, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        }.ToString());
        try
        {
            connection.Open();
            raw.sqlite3_busy_timeout(connection.Handle, BusySeconds * 1000);
            using var command = connection.CreateCommand();
            command.CommandText = pragmas;
            command.ExecuteNonQuery();
            return new SqliteLink(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
