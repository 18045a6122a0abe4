namespace SessionCluster.Silo.Storage;

/// <summary>
/// The one writer: a thread that takes all waiting writes, runs each in the same transaction, commits once (one flush of the
/// disk for all of them) and then answers their callers.
/// A write that throws takes its neighbours' transaction back, and each is run again in one of its own: so savepoints, which
/// every write would pay for, are not needed, and a failing write fails alone.
/// </summary>
/// <remarks>
/// An exception means that nothing of the write is or will be in the database. A failed COMMIT alone does not say that: its
/// frames may be in the log, where the recovery after a crash would find them. Hence another small commit, which overwrites
/// them, has to succeed before the callers hear of it; until then they wait, and the writer is not healthy. Only a stop in that
/// state answers a <see cref="TimeoutException"/>: outcome unknown.
/// </remarks>
internal sealed partial class SqliteWriter : IDisposable
{
    private static readonly TimeSpan SettlePause = TimeSpan.FromMilliseconds(100);

    private readonly SqliteLink _link;

    private readonly SqliteCheckpointer _checkpointer;

    private readonly int _groupLimit;

    private readonly WriteQueue _queue;

    private readonly int _queueLimit;

    private readonly ILogger _log;

    private readonly Thread _thread;

    private readonly ManualResetEventSlim _stopping = new();

    public SqliteWriter(SqliteLink link, SqliteCheckpointer checkpointer, SqliteOptions options, ILogger log)
    {
        _link = link;
        _checkpointer = checkpointer;
        _groupLimit = options.GroupLimit;
        _queueLimit = options.QueueLimit;
        _queue = new WriteQueue(options.QueueLimit);
        _log = log;
        _thread = new Thread(Loop) { IsBackground = true, Name = "sqlite-writer" };
        _thread.UnsafeStart();
    }

    /// <summary>Runs before each COMMIT; tests make it fail.</summary>
    internal Action? BeforeCommit { get; set; }

    /// <summary>Queues a write. The task completes when its transaction is durable, or fails when it is certain that it is not.</summary>
    public Task<T> Write<T>(Func<SqliteLink, T> body)
    {
        var operation = new WriteOperation<T>(body);
        return _queue.Add(operation) switch
        {
            Enqueued.Added => operation.Answer,
            Enqueued.Full => Task.FromException<T>(new IOException(
                $"{_queueLimit} writes wait for the database already; nothing was written. The limit is {SqliteOptions.Section}:{nameof(SqliteOptions.QueueLimit)}.")),
            _ => Task.FromException<T>(new ObjectDisposedException(nameof(SqliteWriter), "The storage is stopped; nothing was written.")),
        };
    }

    /// <summary>Takes no more writes, finishes those that wait, and ends the thread.</summary>
    public void Dispose()
    {
        _queue.Close();
        _stopping.Set();
        _thread.Join();
        _stopping.Dispose();
    }

    private void Loop()
    {
        var group = new List<WriteOperation>(_groupLimit);
        while (_queue.Take(group, _groupLimit))
        {
            CommitGroup(group);
            group.Clear();
            _checkpointer.AfterTransaction(_link);
        }
    }

    private void CommitGroup(List<WriteOperation> group)
    {
        var failure = TryCommit(group);
        if (failure is not BodyFailure || group.Count == 1)
        {
            Answer(group, failure);
            return;
        }

        LogGroupSplit(_log, group.Count, failure.Error.Message);
        foreach (var operation in group)
        {
            List<WriteOperation> alone = [operation];
            Answer(alone, TryCommit(alone));
        }
    }

    /// <summary>Runs the writes in one transaction; null when it is durable.</summary>
    private Failure? TryCommit(List<WriteOperation> group)
    {
        try
        {
            TakeBack();
            _link.Prepared("BEGIN IMMEDIATE").Execute();
            foreach (var operation in group)
            {
                operation.Run(_link);
            }
        }
        catch (Exception error)
        {
            TryTakeBack();
            return new BodyFailure(error);
        }

        try
        {
            BeforeCommit?.Invoke();
            _link.Prepared("COMMIT").Execute();
            return null;
        }
        catch (Exception error)
        {
            TryTakeBack();
            LogCommitFailed(_log, group.Count, error);
            return Settle()
                ? new Failure(new IOException($"The write was taken back, because the commit failed: {error.Message}", error))
                : new Failure(new TimeoutException("The storage stopped after a failed commit; whether the write is durable is not known.", error));
        }
    }

    /// <summary>Commits something else until that works; false when the storage is stopped before.</summary>
    private bool Settle()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                TakeBack();
                _link.Prepared("BEGIN IMMEDIATE").Execute();
                _link.Prepared("UPDATE settled SET times = times + 1").Execute();
                BeforeCommit?.Invoke();
                _link.Prepared("COMMIT").Execute();
                LogSettled(_log, attempt);
                return true;
            }
            catch (Exception error)
            {
                TryTakeBack();
                LogSettleFailed(_log, attempt, error.Message);
                if (_stopping.Wait(SettlePause))
                {
                    return false;
                }
            }
        }
    }

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
            LogRollbackFailed(_log, error);
        }
    }

    private static void Answer(List<WriteOperation> group, Failure? failure)
    {
        foreach (var operation in group)
        {
            if (failure is null)
            {
                operation.Succeed();
            }
            else
            {
                operation.Fail(failure.Error);
            }
        }
    }

    private record Failure(Exception Error);

    /// <summary>A write threw before the COMMIT: the others of its group are not to blame.</summary>
    private sealed record BodyFailure(Exception Error) : Failure(Error);
}
