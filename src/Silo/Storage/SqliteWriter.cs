using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The one writer: a thread that takes all waiting writes, runs each in the same transaction, commits once (one flush of the
/// disk for all of them) and then answers their callers.
/// A write that is at fault itself takes its neighbours' transaction back, and each is run again in one of its own: so savepoints,
/// which every write would pay for, are not needed, and a failing write fails alone. When the database is at fault, all of them fail.
/// </summary>
/// <remarks>
/// A failed COMMIT leaves the outcome unknown: nothing of it can be read, but its frames may be in the log, where the recovery after a
/// crash would find them unless another commit has overwritten them. A full disk leaves no doubt: the frame that makes a transaction one is
/// written last, and that did not get all its bytes, so no recovery takes it for whole.
/// </remarks>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteLink _link;

    private readonly SqliteCheckpointer _checkpointer;

    private readonly SqliteOptions _options;

    private readonly BlockingCollection<Operation> _queue;

    private readonly WriteFailures _failures;

    private readonly TimeProvider _time;

    private readonly Thread _thread;

    public SqliteWriter(SqliteLink link, SqliteCheckpointer checkpointer, SqliteOptions options, DataFolder folder, TimeProvider time, ILogger log)
    {
        _link = link;
        _checkpointer = checkpointer;
        _options = options;
        _queue = new BlockingCollection<Operation>(options.QueueLimit);
        _time = time;
        _failures = new WriteFailures(time, log, () => folder.IsFull);
        _thread = new Thread(Loop) { IsBackground = true, Name = "sqlite-writer" };
        _thread.UnsafeStart();
    }

    /// <inheritdoc cref="WriteFailures.AreForRoom"/>
    public bool LacksRoom => _failures.AreForRoom;

    /// <summary>Runs before each COMMIT; tests make it fail.</summary>
    internal Action? BeforeCommit { get; set; }

    /// <summary>Queues a write. Its body may run twice and changes nothing but the database. The task completes when its transaction is durable.</summary>
    /// <exception cref="StorageUnavailableException">It failed; the exception says whether it may have taken effect.</exception>
    public Task<T> Write<T>(Func<SqliteLink, T> body)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var result = default(T)!;
        var operation = new Operation(link => result = body(link), Complete, Moment.Now(_time));
        try
        {
            return _queue.TryAdd(operation) ? answer.Task : Task.FromException<T>(NotWritten(
                $"{_options.QueueLimit} writes wait already. The limit is {SqliteOptions.Section}:{nameof(SqliteOptions.QueueLimit)}."));
        }
        catch (InvalidOperationException)
        {
            // It takes no more, or is disposed.
            return Task.FromException<T>(NotWritten("It is stopped."));
        }

        void Complete(Exception? failure) => _ = failure is null ? answer.TrySetResult(result) : answer.TrySetException(failure);
    }

    /// <summary>Takes no more writes, finishes those that wait, and ends the thread.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    private static StorageUnavailableException NotWritten(string reason, Exception? inner = null) =>
        new($"The storage (sqlite) takes no writes; nothing was written. {reason}", outcomeUnknown: false, inner);

    private void Loop()
    {
        var group = new List<Operation>(_options.GroupLimit);
        while (TakeFirst() is { } first)
        {
            group.Add(first);
            while (group.Count < _options.GroupLimit && _queue.TryTake(out var next))
            {
                group.Add(next);
            }

            RefuseLate(group);
            CommitGroup(group);
            group.Clear();
            _checkpointer.AfterTransaction(_link);
        }
    }

    /// <summary>Waits for the next write; null when there will be none. While there is none for a while, the log is looked after.</summary>
    private Operation? TakeFirst()
    {
        Operation? first;
        while (!_queue.TryTake(out first, _checkpointer.WantsQuiet ? SqliteCheckpointer.QuietMoment : Timeout.InfiniteTimeSpan) && !_queue.IsCompleted)
        {
            _checkpointer.AtQuietMoment(_link);
        }

        return first;
    }

    /// <summary>A write whose caller has given up does not take effect any more: a login's token would be nobody's.</summary>
    private void RefuseLate(List<Operation> group)
    {
        var late = group.FindAll(operation => operation.Since.AtLeast(_time) > SqliteOptions.Patience);
        if (late.Count > 0)
        {
            var failure = NotWritten($"It has waited for more than {SqliteOptions.Patience.TotalSeconds} seconds.");
            _failures.Failed(failure);
            Answer(late, failure);
            group.RemoveAll(late.Contains);
        }
    }

    private void CommitGroup(List<Operation> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        var failure = TryCommit(group);
        if (failure is null or StorageUnavailableException || group.Count == 1)
        {
            Answer(group, failure);
            return;
        }

        foreach (var operation in group)
        {
            List<Operation> alone = [operation];
            Answer(alone, TryCommit(alone));
        }
    }

    /// <summary>
    /// Runs the writes in one transaction; null when it is durable. A failure other than <see cref="StorageUnavailableException"/> is the
    /// fault of one of the writes.
    /// </summary>
    private Exception? TryCommit(List<Operation> group)
    {
        var committing = false;
        try
        {
            TakeBack();
            _link.Prepared("BEGIN IMMEDIATE").Execute();
            group.ForEach(operation => operation.Run(_link));
            committing = true;
            BeforeCommit?.Invoke();
            _link.Prepared("COMMIT").Execute();
            _failures.Succeeded();
            return null;
        }
        catch (Exception error)
        {
            TryTakeBack();
            if (!committing && FaultOfWrite(error) is { } fault)
            {
                return fault;
            }

            _failures.Failed(error);
            return committing && error is not SqliteException { SqliteErrorCode: raw.SQLITE_FULL }
                ? new StorageUnavailableException($"The storage (sqlite) failed to commit: {error.Message}", outcomeUnknown: true, error)
                : NotWritten(error.Message, error);
        }
    }

    /// <summary>The failure as its caller hears it when the write itself is at fault, such as with an id that exists already; null when the database is.</summary>
    private static Exception? FaultOfWrite(Exception error) => error switch
    {
        SqliteException { SqliteErrorCode: raw.SQLITE_CONSTRAINT or raw.SQLITE_MISMATCH or raw.SQLITE_TOOBIG } =>
            new InvalidOperationException($"The storage (sqlite) refuses a row; nothing was written. {error.Message}", error),
        SqliteException => null,
        _ => error,
    };

    private void TakeBack()
    {
        if (_link.InTransaction)
        {
            _link.Prepared("ROLLBACK").Execute();
        }
    }

    /// <summary>A rollback that fails is tried again before the next transaction.</summary>
    private void TryTakeBack()
    {
        try
        {
            TakeBack();
        }
        catch (Exception error)
        {
            _failures.Failed(error);
        }
    }

    private static void Answer(List<Operation> group, Exception? failure)
    {
        foreach (var operation in group)
        {
            operation.Complete(failure);
        }
    }

    /// <summary>One write as it waits.</summary>
    /// <param name="Run">Makes the changes and remembers the result.</param>
    /// <param name="Complete">Answers the caller: with the result when the changes are durable, else with the failure.</param>
    private sealed record Operation(Action<SqliteLink> Run, Action<Exception?> Complete, Moment Since);
}
