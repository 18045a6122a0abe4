namespace SessionCluster.Embedded;

/// <summary>A call that was not answered on the caller's thread at once.</summary>
internal abstract class Call(GrainEngine engine, GrainMethod method) : Request
{
    private ITimer? timeout;

    internal override bool Interleaves => method.Interleaves;

    internal string MethodName => method.Name;

    /// <summary>The simulation's hold on the call, if there is one.</summary>
    internal RoutedCall? Route { get; set; }

    protected abstract bool IsAnswered { get; }

    // A simulated network does not tell the callee that the caller has given up.
    protected override bool IsAbandoned => IsAnswered && Route is null;

    /// <summary>Starts the caller's patience. To be called before anyone can answer.</summary>
    internal void StartTimeout() =>
        timeout = engine.Time.CreateTimer(static call => ((Call)call!).TimeOut(), this, engine.Options.CallTimeout, Timeout.InfiniteTimeSpan);

    internal void TimeOut() => AnswerWith(new TimeoutException($"{method.Name} was not answered in time; whether it was done is unknown."));

    internal void Answer(Task work)
    {
        timeout?.Dispose();
        if (work.IsFaulted)
        {
            AnswerWith(work.Exception.InnerException!);
        }
        else if (work.IsCanceled)
        {
            AnswerWith(new TaskCanceledException(work));
        }
        else
        {
            AnswerWith(work);
        }
    }

    internal override void Refuse(Exception reason) => Complete(Task.FromException(reason));

    protected override void Complete(Task work)
    {
        if (Route is null)
        {
            Answer(work);
        }
        else
        {
            Route.Done(work);
        }
    }

    protected abstract void AnswerWith(Exception exception);

    protected abstract void AnswerWith(Task work);
}

internal sealed class Call<TGrain, TArg, TResult>(GrainEngine engine, GrainMethod<TGrain, TArg, TResult> method, TArg argument)
    : Call(engine, method)
    where TGrain : class
{
    private readonly TaskCompletionSource<TResult> reply = new(engine.ReplyOptions);

    internal Task<TResult> Reply => reply.Task;

    protected override bool IsAnswered => reply.Task.IsCompleted;

    protected override Task Start(object grain) => method.Invoke((TGrain)grain, argument);

    protected override void AnswerWith(Exception exception) => reply.TrySetException(exception);

    protected override void AnswerWith(Task work)
    {
        if (work is Task<TResult> typed)
        {
            reply.TrySetFromTask(typed);
        }
        else
        {
            reply.TrySetResult(default!);
        }
    }
}
