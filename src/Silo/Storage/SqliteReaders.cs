using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// A bounded number of reading connections, opened when first needed. A read runs on the calling thread: the rows are in
/// memory nearly always. Every read sees the commits that were answered before it began.
/// </summary>
internal sealed class SqliteReaders(string file, int limit) : IDisposable
{
    private readonly SemaphoreSlim _free = new(limit);

    private readonly ConcurrentStack<SqliteLink> _idle = new();

    /// <summary>Runs a read; waits for a connection while all are in use.</summary>
    /// <exception cref="StorageUnavailableException">The database cannot be read, or is closed.</exception>
    public async Task<T> Read<T>(Func<SqliteLink, T> body)
    {
        try
        {
            await _free.WaitAsync();
        }
        catch (ObjectDisposedException closed)
        {
            throw NotRead("It is stopped.", closed);
        }

        try
        {
            var link = _idle.TryPop(out var idle) ? idle : SqliteLink.OpenReader(file);
            try
            {
                var result = body(link);
                _idle.Push(link);
                return result;
            }
            catch
            {
                // A connection whose read failed may be in any state; a new one is cheap.
                link.Dispose();
                throw;
            }
        }
        catch (SqliteException failure)
        {
            throw NotRead(failure.Message, failure);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Runs several reads that see the same moment.</summary>
    public Task<T> ReadAtOnce<T>(Func<SqliteLink, T> body) => Read(link =>
    {
        link.Prepared("BEGIN").Execute();
        var result = body(link);
        link.Prepared("COMMIT").Execute();
        return result;
    });

    /// <summary>Waits for running reads, then closes the connections; later reads fail.</summary>
    public void Dispose()
    {
        for (var taken = 0; taken < limit; taken++)
        {
            _free.Wait();
        }

        foreach (var link in _idle)
        {
            link.Dispose();
        }

        _free.Dispose();
    }

    private static StorageUnavailableException NotRead(string reason, Exception failure) =>
        new($"The storage (sqlite) cannot be read: {reason}", outcomeUnknown: false, failure);
}
