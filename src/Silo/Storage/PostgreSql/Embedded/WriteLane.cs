using System.Threading.Channels;
using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// One writing connection with one transaction at a time. A write that fails takes its neighbours' transaction back; the group is
/// then tried again in halves, so that it fails alone.
/// </summary>
/// <remarks>
/// An exception other than a timeout means that nothing of the write is or will be in the database. When a connection is lost
/// in the middle, the server may still be at work on the transaction, or not even have begun. So every transaction counts up in
/// the lane's row of writer_fence, on the condition that nobody has settled the row since the last one; settling it on a new
/// connection waits for a transaction that has passed, keeps one that has not from ever passing, and tells by the count which of
/// both it was. Until that has worked the callers wait, and the lane is not healthy.
/// </remarks>
internal sealed partial class WriteLane : IAsyncDisposable
{
    private const string FenceDown = "SC002";

    private static readonly TimeSpan SettlePause = TimeSpan.FromMilliseconds(100);

    private readonly PostgreSqlDatabase _database;

    private readonly PostgreSqlWriter _writer;

    private readonly int _number;

    private readonly Guid _holder;

    private readonly ILogger _log;

    private readonly Channel<PendingWrite> _queue;

    private readonly CancellationTokenSource _stopping = new();

    private Task _loop = Task.CompletedTask;

    private NpgsqlConnection? _connection;

    private long _settled;

    private long _committed;

    private WriteLane(PostgreSqlDatabase database, PostgreSqlWriter writer, int number, Guid holder, ILogger log)
    {
        _database = database;
        _writer = writer;
        _number = number;
        _holder = holder;
        _log = log;
        _queue = Channel.CreateBounded<PendingWrite>(
            new BoundedChannelOptions(database.Options.QueueLimit) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    }

    public static async Task<WriteLane> Open(PostgreSqlDatabase database, PostgreSqlWriter writer, int number, Guid holder, ILogger log)
    {
        var lane = new WriteLane(database, writer, number, holder, log);
        lane._connection = await database.Source.OpenConnectionAsync();
        (lane._settled, lane._committed) = await Fence(lane._connection.Command(
            """
            INSERT INTO writer_fence (lane, holder, settled, committed) VALUES ($1, $2, 0, 0)
            ON CONFLICT (lane) DO UPDATE SET holder = excluded.holder, settled = writer_fence.settled + 1
            RETURNING settled, committed
            """,
            number,
            holder)) ?? throw new InvalidOperationException("A lane has no fence.");
        lane._loop = lane.Loop();
        return lane;
    }

    /// <summary>Queues a write; see <see cref="PostgreSqlWriter.Write"/>.</summary>
    public Task<int?> Add(PendingWrite write)
    {
        if (_queue.Writer.TryWrite(write))
        {
            return write.Answer;
        }

        return Task.FromException<int?>(_stopping.IsCancellationRequested
            ? new ObjectDisposedException(nameof(PostgreSqlWriter), "The storage is stopped; nothing was written.")
            : new IOException(
                $"{_database.Options.QueueLimit} writes wait for the database already; nothing was written. The limit is {PostgreSqlOptions.Section}:{nameof(PostgreSqlOptions.QueueLimit)}."));
    }

    /// <summary>Takes no more writes and finishes those that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        // The container knows the writer by two names, and lets it go twice.
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        _queue.Writer.TryComplete();
        await _loop;
        await Drop();
    }

    private async Task Loop()
    {
        await Task.Yield();
        var group = new List<PendingWrite>(_database.Options.GroupLimit);
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (group.Count < _database.Options.GroupLimit && _queue.Reader.TryRead(out var write))
            {
                group.Add(write);
            }

            await Commit(group);
            group.Clear();
        }
    }

    private async Task Commit(List<PendingWrite> group)
    {
        var failure = await TryCommit(group);
        if (failure is PostgresException && group.Count > 1)
        {
            LogGroupSplit(_log, group.Count, failure.Message);
            var half = group.Count / 2;
            await Commit([.. group.Take(half)]);
            await Commit([.. group.Skip(half)]);
            return;
        }

        foreach (var write in group)
        {
            if (failure is null)
            {
                write.Succeed();
            }
            else
            {
                write.Fail(failure);
            }
        }
    }

    /// <summary>
    /// Sends the writes as one transaction. Null when it is durable; a <see cref="PostgresException"/> when the server has refused
    /// one of them.
    /// </summary>
    private async Task<Exception?> TryCommit(List<PendingWrite> group)
    {
        if (!_database.Lock.Held)
        {
            return new IOException("The lock on the database is lost; nothing was written. The process stops.");
        }

        try
        {
            _connection ??= await _database.Source.OpenConnectionAsync();
        }
        catch (Exception error)
        {
            return new IOException($"The database cannot be reached; nothing was written: {error.Message}", error);
        }

        try
        {
            _writer.Sending(_connection);
            await Send(_connection, group);
            return null;
        }
        catch (PostgresException refused) when (refused is { SqlState: FenceDown })
        {
            _database.Lock.Lose(refused);
            return new IOException("Another process has taken the database over; nothing was written. The process stops.", refused);
        }
        catch (PostgresException refused) when (refused.InvariantSeverity == "ERROR")
        {
            return refused;
        }
        catch (Exception error)
        {
            LogConnectionLost(_log, group.Count, error);
            await Drop();
            return await Settle(error);
        }
    }

    /// <summary>
    /// A batch without a transaction of its own is one to the server: it commits at the end, when all statements have worked, and
    /// the last answer comes after that.
    /// </summary>
    private async Task Send(NpgsqlConnection connection, List<PendingWrite> group)
    {
        var statements = GroupStatement.Of(group, _writer.Statements);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(statements.Count > 0 ? PassFence() : new NpgsqlBatchCommand("SELECT 1"));
        statements.ForEach(statement => batch.BatchCommands.Add(statement.Command));
        await using (var reader = await batch.ExecuteReaderAsync())
        {
            foreach (var statement in statements)
            {
                await reader.NextResultAsync();
                await statement.Read(reader);
            }

            while (await reader.NextResultAsync())
            {
            }
        }

        _committed += statements.Count > 0 ? 1 : 0;
    }

    private NpgsqlBatchCommand PassFence() => new("SELECT pass_fence($1, $2, $3, $4)")
    {
        Parameters =
        {
            new NpgsqlParameter<int> { TypedValue = _number },
            new NpgsqlParameter<Guid> { TypedValue = _holder },
            new NpgsqlParameter<long> { TypedValue = _settled },
            new NpgsqlParameter<long> { TypedValue = _committed },
        },
    };

    /// <summary>Finds out what became of the last transaction, and says it.</summary>
    private async Task<Exception> Settle(Exception cause)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                _connection ??= await _database.Source.OpenConnectionAsync();
                _writer.Sending(_connection);
                var fence = await Fence(_connection.Command(
                    "UPDATE writer_fence SET settled = settled + 1 WHERE lane = $1 AND holder = $2 RETURNING settled, committed", _number, _holder));
                if (fence is not { } passed)
                {
                    _database.Lock.Lose(cause);
                    return new TimeoutException("Another process has taken the database over; whether the write is durable is not known here.", cause);
                }

                var tookEffect = passed.Committed > _committed;
                (_settled, _committed) = passed;
                LogSettled(_log, attempt, tookEffect);
                return tookEffect
                    ? new TimeoutException("The connection was lost after the commit: what the write has met must be read.", cause)
                    : new IOException($"The connection to the database was lost; nothing was written: {cause.Message}", cause);
            }
            catch (Exception error)
            {
                await Drop();
                LogSettleFailed(_log, attempt, error.Message);
                if (_stopping.IsCancellationRequested || !_database.Lock.Held)
                {
                    return new TimeoutException("The storage stopped after a connection was lost; whether the write is durable is not known.", error);
                }

                await Task.WhenAny(Task.Delay(SettlePause, TimeProvider.System, _stopping.Token), _database.Lock.Lost);
            }
        }
    }

    private async Task Drop()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private static async Task<(long Settled, long Committed)?> Fence(NpgsqlCommand command)
    {
        var rows = await command.Rows(reader => (reader.GetInt64(0), reader.GetInt64(1)));
        return rows.Count == 0 ? null : rows[0];
    }
}
