using Microsoft.Data.Sqlite;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The database file of a data folder, open: one writer and its readers. Disposing it finishes the waiting writes and folds
/// the log into the file.
/// </summary>
internal sealed class SqliteDatabase : IStorageProbe, IDisposable
{
    /// <summary>The file's name in the data folder.</summary>
    public const string FileName = "sessions.db";

    private readonly SqliteLink _writing;

    private readonly SqliteCheckpointer _checkpointer;

    private bool _disposed;

    private SqliteDatabase(string file, SqliteLink writing, SqliteOptions options, ILogger log)
    {
        _writing = writing;
        _checkpointer = new SqliteCheckpointer(file, options, log);
        Writer = new SqliteWriter(writing, _checkpointer, options, log);
        Points = new SqliteReaders(file, options.PointReaders);
        Lists = new SqliteReaders(file, options.ListReaders);
    }

    public SqliteWriter Writer { get; }

    /// <summary>For reads of single rows and of one user.</summary>
    public SqliteReaders Points { get; }

    /// <summary>For lists and searches.</summary>
    public SqliteReaders Lists { get; }

    /// <summary>Opens the file, making it where it is missing, and brings its schema up to date.</summary>
    /// <exception cref="DataFolderException">The file cannot be used, or a newer program wrote it.</exception>
    public static SqliteDatabase Open(DataFolder folder, SqliteOptions options, TimeProvider time, ILogger log)
    {
        if (options.Problem() is { } problem)
        {
            throw new DataFolderException(problem);
        }

        // SQLite gives its log files the mode of the database file.
        folder.EnsureOwned(FileName);
        var file = folder.FileNamed(FileName);
        SqliteLink? writing = null;
        try
        {
            writing = SqliteLink.OpenWriter(file, options);
            SqliteSchema.Apply(writing.Connection, SqliteSchema.Scripts, time.GetUtcNow());
            return new SqliteDatabase(file, writing, options, log);
        }
        catch (SqliteException error)
        {
            writing?.Dispose();
            throw new DataFolderException(
                $"The database {file} cannot be opened: {error.Message} Restore it from a backup, or set {DataFolder.Setting} to another folder.",
                error);
        }
        catch
        {
            writing?.Dispose();
            throw;
        }
    }

    Task IStorageProbe.Read() => Points.Read(link => link.Prepared("SELECT max(number) FROM schema_script").Number());

    /// <summary>Through the queue, without a flush of the disk.</summary>
    Task IStorageProbe.Write() => Writer.Write(static _ => true);

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
}
