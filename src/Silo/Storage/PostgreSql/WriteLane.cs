using System.Threading.Channels;
using Npgsql;
using SessionCluster.Storage;

namespace SessionCluster.Silo.Storage;

/// <summary>A write that waits for its lane.</summary>
internal sealed class PendingWrite(StateChange change)
{
    public StateChange Change => change;

    /// <summary>The row that it writes: no two of one row go into one statement.</summary>
    public object Row { get; } = change is LedgerChange ledger ? ledger.User : ((SessionChange)change).Row.Id;

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
/// One writing connection with one transaction at a time. A write that the server refuses takes its neighbours' transaction back; the
/// group is then tried again in halves, so that it fails alone.
/// </summary>
/// <remarks>
/// When the connection is lost in the middle, the server may still be at work on the transaction: its outcome is unknown, every caller
/// hears so at once, and the server's own time limits bound how late it can still take effect.
/// </remarks>
internal sealed partial class WriteLane : IAsyncDisposable
{
    /// <summary>The SQLSTATE by which the statements refuse what no caller should ask for.</summary>
    private const string RuleBroken = "SC001";

    /// <summary>A database that takes no writes is reported this often.</summary>
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);

    private readonly NpgsqlDataSource _source;

    private readonly PostgreSqlOptions _options;

    private readonly Func<IReadOnlyList<PendingWrite>, NpgsqlCommand> _command;

    private readonly PostgreSqlWriter _writer;

    private readonly TimeProvider _time;

    private readonly ILogger _log;

    private readonly Channel<PendingWrite> _queue;

    private readonly Task _loop;

    private NpgsqlConnection? _connection;

    private long? _reported;

    /// <param name="source">The connections.</param>
    /// <param name="options">The limits.</param>
    /// <param name="command">Makes the statement of a group of writes; it answers a version for each, in their order.</param>
    /// <param name="writer">Whose lane it is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where failures are reported.</param>
    public WriteLane(
        NpgsqlDataSource source, PostgreSqlOptions options, Func<IReadOnlyList<PendingWrite>, NpgsqlCommand> command, PostgreSqlWriter writer,
        TimeProvider time, ILogger log)
    {
        (_source, _options, _command, _writer, _time, _log) = (source, options, command, writer, time, log);
        _queue = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(options.QueueLimit) { SingleReader = true });
        _loop = Loop();
    }

    /// <summary>Queues a write; see <see cref="IStateDatabase.Write"/>.</summary>
    public Task<long?> Add(StateChange change)
    {
        var write = new PendingWrite(change);
        return _queue.Writer.TryWrite(write) ? write.Answer.Task : Task.FromException<long?>(NotWritten(
            $"{_options.QueueLimit} writes wait already, or it is stopped. The limit is {PostgreSqlOptions.Section}:{nameof(PostgreSqlOptions.QueueLimit)}."));
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
        var group = new List<PendingWrite>(_options.GroupLimit);
        while (await _queue.Reader.WaitToReadAsync())
        {
            // A second write of a row waits for the next transaction: it depends on what the first one did.
            var rows = new HashSet<object>();
            while (group.Count < _options.GroupLimit && _queue.Reader.TryPeek(out var next) && rows.Add(next.Row))
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
        try
        {
            var versions = await Send(group);
            for (var index = 0; index < group.Count; index++)
            {
                group[index].Answer.TrySetResult(versions[index]);
            }

            Recovered();
        }
        catch (PostgresException refused) when (refused.InvariantSeverity == "ERROR" && group.Count > 1)
        {
            await Commit([.. group.Take(group.Count / 2)]);
            await Commit([.. group.Skip(group.Count / 2)]);
        }
        catch (Exception error)
        {
            var failure = await Explain(error);
            foreach (var write in group)
            {
                write.Answer.TrySetException(failure);
            }
        }
    }

    /// <summary>One statement is one transaction: its answer comes after the commit.</summary>
    private async Task<List<long?>> Send(List<PendingWrite> group)
    {
        try
        {
            _connection ??= await _source.OpenConnectionAsync();
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            throw NotWritten("It cannot be reached.", error);
        }

        _writer.BeforeCommit?.Invoke(_connection);
        var command = _command(group);
        command.Connection = _connection;
        return await command.Rows(static row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0));
    }

    private async Task<Exception> Explain(Exception error)
    {
        if (error is PostgresException { SqlState: RuleBroken } broken)
        {
            return new InvalidOperationException(broken.MessageText, broken);
        }

        if (_reported is not { } last || _time.GetElapsedTime(last) >= ReportEvery)
        {
            _reported = _time.GetTimestamp();
            LogFailed(_log, error);
        }

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

    private void Recovered()
    {
        if (_reported is not null)
        {
            _reported = null;
            LogRecovered(_log);
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

    [LoggerMessage(4111, LogLevel.Error, "The database does not take writes; further failures are logged once a minute.")]
    private static partial void LogFailed(ILogger logger, Exception error);

    [LoggerMessage(4112, LogLevel.Information, "The database takes writes again.")]
    private static partial void LogRecovered(ILogger logger);
}
