using System.Data;
using System.Threading.Channels;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Makes the writes of this process, in a few lanes: each takes all writes that wait for it and sends them as one transaction in one
/// round trip, so that one flush of the server's disk serves all of them. The ledgers of a user always take the same lane; the updates of
/// sessions have one of their own, so that no transaction takes the locks of both kinds.
/// </summary>
internal sealed class PostgreSqlWriter : IAsyncDisposable
{
    private readonly WriteLane[] _ledgers;

    private readonly WriteLane _sessions;

    public PostgreSqlWriter(NpgsqlDataSource source, PostgreSqlOptions options, TimeProvider time, ILogger log)
    {
        var failures = new WriteFailures(time, log);
        _ledgers = [.. Enumerable.Range(0, options.Writers).Select(_ => NewLane(GroupCommands.Ledgers))];
        _sessions = NewLane(GroupCommands.Sessions);

        WriteLane NewLane(Func<IReadOnlyList<PendingWrite>, NpgsqlCommand> command) => new WriteLane(source, options, command, this, failures, time).Start();
    }

    /// <summary>Runs before each transaction is sent, and may break the connection; tests make it fail.</summary>
    internal Action<NpgsqlConnection>? BeforeCommit { get; set; }

    /// <inheritdoc cref="IDatabase.Write"/>
    public Task<long?> Write(StateChange change) => change switch
    {
        LedgerChange ledger => _ledgers[(uint)string.GetHashCode(ledger.User, StringComparison.Ordinal) % (uint)_ledgers.Length].Add(ledger),
        SessionChange session => _sessions.Add(session),
        _ => throw new InvalidOperationException($"The state belongs into the storage \"{StorageServices.PlainStorage}\"."),
    };

    /// <summary>Takes no more writes and finishes those that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _ledgers)
        {
            await lane.DisposeAsync();
        }

        await _sessions.DisposeAsync();
    }
}

/// <summary>A write that waits for its lane.</summary>
internal sealed class PendingWrite(StateChange change, Moment since)
{
    public StateChange Change => change;

    public Moment Since => since;

    /// <summary>The row that it writes: no two of one row go into one statement.</summary>
    public object Row { get; } = change is LedgerChange ledger ? ledger.User : ((SessionChange)change).Row.Session.Id;

    /// <summary>The version now; null when the row was at another one, and nothing was changed.</summary>
    public TaskCompletionSource<long?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The order in which all processes take the locks of rows.</summary>
    public static int InOrderOfRows(PendingWrite first, PendingWrite second) => (first.Row, second.Row) switch
    {
        (string one, string other) => string.CompareOrdinal(one, other),
        (Guid one, Guid other) => one.CompareTo(other),
        _ => throw new ArgumentException("A lane writes rows of one kind.", nameof(second)),
    };
}

/// <summary>
/// One writing connection with one transaction at a time. A write that is at fault itself takes its neighbours' transaction back; the
/// group is then tried again in halves, so that it fails alone. When the server is at fault, such as with a full disk, all of them fail.
/// </summary>
/// <remarks>
/// When the connection is lost in the middle, the server may still be at work on the transaction: its outcome is unknown, every caller
/// hears so at once, and the server's own time limits bound how late it can still take effect.
/// </remarks>
/// <param name="command">Makes the statement of a group of writes; it answers a version for each, in their order.</param>
/// <param name="failures">Where failures are reported, for all lanes together.</param>
internal sealed class WriteLane(
    NpgsqlDataSource source, PostgreSqlOptions options, Func<IReadOnlyList<PendingWrite>, NpgsqlCommand> command, PostgreSqlWriter writer,
    WriteFailures failures, TimeProvider time) : IAsyncDisposable
{
    /// <summary>How often a group is tried that met another transaction in a way that the server could only resolve by refusing one of the two.</summary>
    private const int MaxAttempts = 4;

    /// <summary>After so long without a write the connection is tried first: lost unseen, as by a restart of the server, it would cost one.</summary>
    private static readonly TimeSpan RestsAfter = TimeSpan.FromSeconds(1);

    private readonly Channel<PendingWrite> _queue =
        Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(options.QueueLimit) { SingleReader = true });

    /// <summary>How long a write waits to be sent: less than its caller does.</summary>
    private readonly TimeSpan _patience = options.StatementTimeoutValue + PostgreSqlOptions.Grace;

    private Task _loop = Task.CompletedTask;

    private NpgsqlConnection? _connection;

    /// <summary>When the connection last answered.</summary>
    private Moment _answered;

    /// <summary>Begins to write what is queued.</summary>
    public WriteLane Start()
    {
        _loop = Loop();
        return this;
    }

    /// <summary>Queues a write; see <see cref="IDatabase.Write"/>.</summary>
    public Task<long?> Add(StateChange change)
    {
        var write = new PendingWrite(change, Moment.Now(time));
        return _queue.Writer.TryWrite(write) ? write.Answer.Task : Task.FromException<long?>(NotWritten(
            $"{options.QueueLimit} writes wait already, or it is stopped. The limit is {PostgreSqlOptions.Section}:{nameof(PostgreSqlOptions.QueueLimit)}."));
    }

    /// <summary>Takes no more writes and finishes those that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        await Drop();
    }

    private static StorageUnavailableException NotWritten(string reason, Exception? inner = null) =>
        new($"The storage (postgresql) takes no writes; nothing was written. {reason}", outcomeUnknown: false, inner);

    private async Task Loop()
    {
        await Task.Yield();
        var group = new List<PendingWrite>(options.GroupLimit);
        while (await _queue.Reader.WaitToReadAsync())
        {
            // A second write of a row waits for the next transaction: it depends on what the first one did.
            var rows = new HashSet<object>();
            while (group.Count < options.GroupLimit && _queue.Reader.TryPeek(out var next) && rows.Add(next.Row))
            {
                _queue.Reader.TryRead(out _);
                group.Add(next);
            }

            group.Sort(PendingWrite.InOrderOfRows);
            await Commit(group);
            group.Clear();
        }
    }

    private async Task Commit(List<PendingWrite> group)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Connect();
                RefuseLate(group);
                if (group.Count == 0)
                {
                    return;
                }

                var versions = await Send(group);
                for (var index = 0; index < group.Count; index++)
                {
                    group[index].Answer.TrySetResult(versions[index]);
                }

                failures.Succeeded();
                return;
            }
            catch (PostgresException collided) when (IsCollision(collided) && attempt < MaxAttempts)
            {
                // Nothing was written; the other transaction goes on, so that the next try will find the way free.
            }
            catch (PostgresException refused) when (IsFaultOfWrite(refused) && group.Count > 1)
            {
                await Commit([.. group.Take(group.Count / 2)]);
                await Commit([.. group.Skip(group.Count / 2)]);
                return;
            }
            catch (Exception error)
            {
                var failure = await Explain(error);
                group.ForEach(write => write.Answer.TrySetException(failure));
                return;
            }
        }
    }

    /// <summary>
    /// A write whose caller has given up does not take effect any more: a login's token would be nobody's, and an ending would be older than what
    /// a new activation of a user's grain looks back for.
    /// </summary>
    private void RefuseLate(List<PendingWrite> group)
    {
        var late = group.FindAll(write => write.Since.AtLeast(time) > _patience);
        if (late.Count > 0)
        {
            var failure = NotWritten($"It has waited for more than {_patience.TotalSeconds} seconds.");
            failures.Failed(failure);
            late.ForEach(write => write.Answer.TrySetException(failure));
            group.RemoveAll(late.Contains);
        }
    }

    private static bool IsCollision(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    /// <summary>
    /// Whether a write is refused for what it holds: the classes of the SQL standard for wrong data (22) and broken constraints (23), of
    /// PostgreSQL for exceeded limits (54) and for what a trigger raises (P0), and of our own statements (SC).
    /// </summary>
    private static bool IsFaultOfWrite(PostgresException error) =>
        error.InvariantSeverity == "ERROR" && error.SqlState[..2] is "22" or "23" or "54" or "P0" or "SC";

    private async Task Connect()
    {
        try
        {
            if (_connection?.State != ConnectionState.Open || (_answered.Age(time) > RestsAfter && !await _connection.Answers()))
            {
                // Npgsql itself closes a connection on which the server has answered that it is in trouble, as with a full disk.
                await Drop();
                _connection = await source.OpenConnectionAsync();
                _answered = Moment.Now(time);
            }
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            throw NotWritten("It cannot be reached.", error);
        }
    }

    /// <summary>One statement is one transaction: its answer comes after the commit.</summary>
    private async Task<List<long?>> Send(List<PendingWrite> group)
    {
        writer.BeforeCommit?.Invoke(_connection!);
        var statement = command(group);
        statement.Connection = _connection;
        var versions = await statement.Rows(static row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0));
        _answered = Moment.Now(time);
        return versions;
    }

    private async Task<Exception> Explain(Exception error)
    {
        if (error is PostgresException fault && IsFaultOfWrite(fault))
        {
            return new InvalidOperationException($"The storage (postgresql) refuses a row; nothing was written. {fault.SqlState}: {fault.MessageText}", fault);
        }

        failures.Failed(error);
        if (error is StorageUnavailableException known)
        {
            return known;
        }

        if (error is PostgresException { InvariantSeverity: "ERROR" } refused)
        {
            return NotWritten($"{refused.SqlState}: {refused.MessageText}", refused);
        }

        await Drop();
        return new StorageUnavailableException("The connection of the storage (postgresql) was lost in a write.", outcomeUnknown: true, error);
    }

    private async Task Drop()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
