using System.Data;
using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>A PostgreSQL database, from its start on: the connections, the lock, the schema. Both engines use it.</summary>
internal sealed class PostgreSqlDatabase : IAsyncDisposable
{
    private readonly TimeProvider _time;

    private readonly SemaphoreSlim _lists;

    public PostgreSqlDatabase(NpgsqlDataSource source, LockMode mode, PostgreSqlOptions options, TimeProvider time, ILogger log)
    {
        Source = source;
        Options = options;
        _time = time;
        _lists = new SemaphoreSlim(options.ListReaders);
        Lock = new PostgreSqlLock(source, mode, time, log);
    }

    public NpgsqlDataSource Source { get; }

    public PostgreSqlOptions Options { get; }

    public PostgreSqlLock Lock { get; }

    /// <summary>Takes the lock and brings the schema up to date.</summary>
    /// <exception cref="StorageStartException">The database cannot be used; the message says why and what to do.</exception>
    public async Task Start()
    {
        try
        {
            await using var connection = await Source.OpenConnectionAsync();
            await PostgreSqlSchema.Check(connection);
            await Lock.Take();
            await PostgreSqlSchema.Apply(connection, PostgreSqlSchema.Scripts, _time.GetUtcNow());
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            throw PostgreSqlFailure.Explain(Source, error);
        }
    }

    /// <summary>Runs several reads that see the same moment.</summary>
    public async Task<T> ReadAtOnce<T>(Func<NpgsqlConnection, Task<T>> body)
    {
        await using var connection = await Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        var result = await body(connection);
        await transaction.CommitAsync();
        return result;
    }

    /// <summary>The same for lists and searches, few at a time.</summary>
    public async Task<T> List<T>(Func<NpgsqlConnection, Task<T>> body)
    {
        await _lists.WaitAsync();
        try
        {
            return await ReadAtOnce(body);
        }
        finally
        {
            _lists.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Lock.DisposeAsync();
        _lists.Dispose();
        await Source.DisposeAsync();
    }
}
