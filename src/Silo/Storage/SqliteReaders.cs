using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// A bounded number of reading connections, opened when first needed. Every read sees the commits that were answered before it began.
/// </summary>
/// <param name="file">The database.</param>
/// <param name="limit">How many connections.</param>
/// <param name="patience">How long a read waits for a connection at most: its caller does not wait much longer.</param>
/// <param name="isLong">
/// Whether a read may take seconds. It runs on a thread of its own then, so that it holds up nobody else's work; others run on the calling
/// thread, as the rows are in memory nearly always.
/// </param>
internal sealed class SqliteReaders(string file, int limit, TimeSpan patience, bool isLong = false) : IDisposable
{
    private readonly SemaphoreSlim _free = new(limit);

    private readonly ConcurrentStack<SqliteLink> _idle = new();

    /// <summary>Runs a read; waits for a connection while all are in use.</summary>
    /// <exception cref="StorageUnavailableException">The database cannot be read, or is closed, or none came free in time.</exception>
    public async Task<T> Read<T>(Func<SqliteLink, T> body)
    {
        try
        {
            if (!await _free.WaitAsync(patience))
            {
                throw NotRead($"All {limit} connections for such reads have been in use for {patience.TotalSeconds} seconds.");
            }
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
                var result = isLong
                    ? await Task.Factory.StartNew(() => body(link), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                    : body(link);
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

    private static StorageUnavailableException NotRead(string reason, Exception? failure = null) =>
        new($"The storage (sqlite) cannot be read: {reason}", outcomeUnknown: false, failure);
}
