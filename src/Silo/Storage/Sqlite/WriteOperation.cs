namespace SessionCluster.Silo.Storage;

/// <summary>
/// One write as it waits for the writer. Its body runs inside a transaction that it may share with others, and can run twice:
/// it changes nothing but the database. It refuses by a result before its first change, or fails by an exception.
/// </summary>
internal abstract class WriteOperation
{
    /// <summary>Makes the changes and remembers the result.</summary>
    public abstract void Run(SqliteLink link);

    /// <summary>Answers the caller with the result: the changes are durable.</summary>
    public abstract void Succeed();

    /// <summary>Answers the caller with an exception.</summary>
    public abstract void Fail(Exception error);
}

/// <summary>A <see cref="WriteOperation"/> with a result.</summary>
internal sealed class WriteOperation<T>(Func<SqliteLink, T> body) : WriteOperation
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private T? _result;

    public Task<T> Answer => _answer.Task;

    public override void Run(SqliteLink link) => _result = body(link);

    public override void Succeed() => _answer.TrySetResult(_result!);

    public override void Fail(Exception error) => _answer.TrySetException(error);
}
