using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>How a process uses the database.</summary>
internal enum LockMode
{
    /// <summary>As one of several silos of a cluster.</summary>
    Shared = 0,

    /// <summary>Alone: the embedded engine, which knows of no other writer.</summary>
    Exclusive = 1,
}

/// <summary>
/// An advisory lock on the database, held by a connection of its own for as long as the process serves: one embedded engine, or
/// silos only. The server lets it go when the connection ends; the process then has to stop, since another may start.
/// </summary>
internal sealed partial class PostgreSqlLock(NpgsqlDataSource source, LockMode mode, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private const long Key = 0x53_43_6C_75_73_74_01;

    /// <summary>A process that was killed may hold its lock until the server has noticed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>How often the server is asked; that a connection was closed is heard at once.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();

    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NpgsqlConnection? _connection;

    private Task _watching = Task.CompletedTask;

    private volatile bool _held;

    /// <summary>While true no process that this one excludes has served since it started.</summary>
    public bool Held => _held;

    /// <summary>Completes when the lock is lost; never after a stop.</summary>
    public Task Lost => _lost.Task;

    /// <exception cref="StorageStartException">Another process has it.</exception>
    public async Task Take()
    {
        _connection = await source.OpenConnectionAsync();
        var name = mode == LockMode.Exclusive ? "pg_try_advisory_lock" : "pg_try_advisory_lock_shared";
        var since = time.GetTimestamp();
        while (!await _connection.Command($"SELECT {name}($1)", Key).Value<bool>())
        {
            if (time.GetElapsedTime(since) > Patience)
            {
                throw new StorageStartException(
                    $"The database {_connection.Database} is in use by another process. {(mode == LockMode.Exclusive ? "One process at a time may serve it with the embedded engine" : "A process with the embedded engine serves it, which allows no other")}: stop that one, or name another database in {PostgreSqlOptions.ConnectionSetting}.");
            }

            await Task.Delay(Pause, time);
        }

        _held = true;
        _watching = Watch(_connection);
    }

    /// <summary>Gives up: the process must serve no more.</summary>
    public void Lose(Exception? error)
    {
        if (_held)
        {
            _held = false;
            LogLost(log, error);
            _lost.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _held = false;
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        await _watching;
        if (_connection is not null)
        {
            // Out of the pool: the server lets the lock go with the session.
            NpgsqlConnection.ClearPool(_connection);
            await _connection.DisposeAsync();
        }
    }

    private async Task Watch(NpgsqlConnection connection)
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await connection.WaitAsync(Interval, _stop.Token);
                var asking = connection.Command("SELECT 1");
                asking.CommandTimeout = 2;
                await asking.Value<int>();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error) when (!_stop.IsCancellationRequested)
        {
            Lose(error);
        }
    }

    [LoggerMessage(4101, LogLevel.Critical, "The lock on the database is lost: another process may serve it. This one stops.")]
    private static partial void LogLost(ILogger logger, Exception? error);
}
