using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The database file of a data folder, open: one writer and its readers. Disposing it finishes the waiting writes and
/// checkpoints the log into the file.
/// </summary>
internal sealed partial class SqliteDatabase : LifecycleStep, IDatabase, IDisposable
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "sessions.db";

    /// <summary>The scripts of this program, in order.</summary>
    public static readonly IReadOnlyList<SchemaScript> Scripts = SchemaScript.Load("sqlite");

    private readonly string _file;

    private readonly SqliteLink _writing;

    private readonly SqliteCheckpointer _checkpointer;

    private readonly TimeProvider _time;

    private readonly DataFolder _folder;

    private readonly ILogger _log;

    private bool _disposed;

    private SqliteDatabase(DataFolder folder, string file, SqliteLink writing, SqliteOptions options, TimeProvider time, ILogger log)
    {
        _file = file;
        _writing = writing;
        (_time, _folder, _log) = (time, folder, log);
        _checkpointer = new SqliteCheckpointer(file, options, time, log);
        Writer = new SqliteWriter(writing, _checkpointer, options, folder, time, log);
        Points = new SqliteReaders(file, options.PointReaders, SqliteOptions.Patience);
        Lists = new SqliteReaders(file, options.ListReaders, SqliteOptions.Patience, isLong: true);
    }

    public SqliteWriter Writer { get; }

    /// <summary>For reads of single rows and of one user.</summary>
    public SqliteReaders Points { get; }

    public SqliteReaders Lists { get; }

    public SqlDialect Dialect => SqlDialect.Sqlite;

    /// <summary>Bounded work however many are due: the first of both lists hold the first of their union.</summary>
    public string PruneEndedSql =>
        "DELETE FROM ended WHERE rowid IN (SELECT rowid FROM ended INDEXED BY ended_by_moment WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)";

    public string PruneEventsSql =>
        "DELETE FROM event WHERE seq IN (SELECT seq FROM event INDEXED BY event_by_created WHERE created < ?1 ORDER BY created LIMIT ?2)";

    public string PrunePlansSql =>
        "DELETE FROM grain_state WHERE rowid IN (SELECT rowid FROM grain_state INDEXED BY plan_by_moment WHERE state_name = 'plan' AND modified < ?1 LIMIT ?2)";

    /// <summary>Opens the file, making it where it is missing, and brings its schema up to date.</summary>
    /// <exception cref="StorageStartException">The file cannot be used, or a newer program wrote it.</exception>
    public static SqliteDatabase Open(DataFolder folder, SqliteOptions options, TimeProvider time, ILogger log)
    {
        // SQLite gives its log files the mode of the database file.
        folder.EnsureOwned(FileName);
        // SQLite says no more than that it cannot open the database where only one of these may not be written to, as in a copy by another user.
        foreach (var name in (string[])[FileName + "-wal", FileName + "-shm"])
        {
            if (Path.Exists(folder.FileNamed(name)))
            {
                folder.EnsureOwned(name);
            }
        }

        var file = folder.FileNamed(FileName);
        SqliteLink? writing = null;
        try
        {
            writing = SqliteLink.OpenWriter(file, options);
            // Microsoft.Data.Sqlite does all its work before it returns a task.
            var applied = SchemaRunner.Apply(writing.Connection, Scripts, time.GetUtcNow(), file);
            return applied.IsCompletedSuccessfully ? new SqliteDatabase(folder, file, writing, options, time, log) : throw applied.Exception!.InnerException!;
        }
        catch (SqliteException error) when (IsForRoom(error, folder))
        {
            writing?.Dispose();
            throw new StorageStartException($"The disk of {folder.Path} is full: give it room and start again; nothing is lost.", error);
        }
        catch (SqliteException error)
        {
            writing?.Dispose();
            throw new StorageStartException(
                $"The database {file} cannot be opened: {SettingsCheck.Sentence(error.Message)} Restore it from a backup, or set {DataFolder.Setting} to another folder.",
                error);
        }
        catch
        {
            writing?.Dispose();
            throw;
        }
    }

    /// <summary>It is open when the host has made it, which is before anything of the host starts; it closes after everything that writes.</summary>
    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        LogOpened(_log, _folder.Path);
        if (_folder.OpenToOthers)
        {
            LogOpenToOthers(_log, _folder.Path);
        }

        return Task.CompletedTask;
    }

    public Task<StoredState?> Read(StateQuery query)
    {
        var since = UnixMicros.From(_time.GetUtcNow() - StoredSessions.LookedBack);
        // A ledger and its sessions are of the same moment; any other state is one row.
        return query.Kind == StateKind.Ledger
            ? Points.ReadAtOnce(link => SqliteStates.Read(link, query, since))
            : Points.Read(link => SqliteStates.Read(link, query, since));
    }

    public Task<long?> Write(StateChange change) => Writer.Write(link => SqliteStates.Write(link, change));

    public Task Append(EventInfo entry) => Writer.Write(link => SqliteStates.AppendOnce(link, entry));

    public Task<T> Point<T>(Func<ISqlSnapshot, ValueTask<T>> body) => Points.ReadAtOnce(link => Run(body, new Snapshot(link, isConstant: true)));

    public Task<T> List<T>(Func<ISqlSnapshot, ValueTask<T>> body) => Lists.ReadAtOnce(link => Run(body, new Snapshot(link, isConstant: false)));

    public ValueTask<EventBatch> Follow(ISqlSnapshot snapshot, EventCursorQuery query) => SqliteEventCursor.Read(snapshot, query);

    public Task<int> Run(string sql, long before, long limit) => Writer.Write(link => link.Prepared(sql).Execute(before, limit));

    Task IStorageProbe.Read() => Points.Read(link => link.Prepared("SELECT max(number) FROM schema_script").Number());

    /// <summary>
    /// A row is changed and changed back, since SQLite writes nothing when a row stays as it is. On a full disk there may still be room for that
    /// within the log; so it also fails as long as others do for want of room.
    /// </summary>
    async Task IStorageProbe.Write()
    {
        await Writer.Write(static link => link.Prepared("UPDATE schema_script SET applied = applied + 1 WHERE number = 1").Execute()
            + link.Prepared("UPDATE schema_script SET applied = applied - 1 WHERE number = 1").Execute());
        if (Writer.LacksRoom)
        {
            throw new IOException("The disk is full.");
        }
    }

    public Task<StorageSizes> Sizes()
    {
        var log = new FileInfo(_file + "-wal");
        return Task.FromResult(new StorageSizes(new FileInfo(_file).Length, log.Exists ? log.Length : 0, new DriveInfo(Path.GetDirectoryName(_file)!).AvailableFreeSpace));
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Writer.Dispose();
        _checkpointer.Dispose();
        Lists.Dispose();
        Points.Dispose();
        _writing.Dispose();
    }

    private static bool IsForRoom(SqliteException error, DataFolder folder) => error.SqliteErrorCode is raw.SQLITE_FULL
        || (error.SqliteErrorCode is raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN && folder.IsFull);

    /// <summary>Reads in SQLite run on the calling thread: the rows are in memory nearly always.</summary>
    private static T Run<T>(Func<ISqlSnapshot, ValueTask<T>> body, Snapshot snapshot)
    {
        var task = body(snapshot).AsTask();
        return task.IsCompletedSuccessfully ? Completed(task) : throw task.Exception!.InnerException!;
    }

#pragma warning disable RS0030 // The task is completed.
    private static T Completed<T>(Task<T> task) => task.Result;
#pragma warning restore RS0030

    private sealed class Snapshot(SqliteLink link, bool isConstant) : ISqlSnapshot
    {
        public ValueTask<List<T>> Rows<T>(string sql, object?[] values, Func<DbDataReader, T> read)
        {
            var rows = new List<T>();
            var statement = isConstant ? link.Prepared(sql) : link.Once(sql);
            try
            {
                using var reader = statement.Query(values);
                while (reader.Read())
                {
                    rows.Add(read(reader));
                }
            }
            finally
            {
                if (!isConstant)
                {
                    statement.Dispose();
                }
            }

            return ValueTask.FromResult(rows);
        }
    }

    [LoggerMessage(4011, LogLevel.Information, "The database in {Folder} is open.")]
    private static partial void LogOpened(ILogger logger, string folder);

    [LoggerMessage(4012, LogLevel.Warning, "Other users of this machine can enter the data folder {Folder}; mode 0700 keeps them out.")]
    private static partial void LogOpenToOthers(ILogger logger, string folder);
}
