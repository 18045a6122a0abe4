namespace SessionCluster.Embedded;

/// <summary>
/// A simulation's network: sees each call of an engine, and decides when, where and whether it arrives and is answered.
/// Production has none.
/// </summary>
public interface ICallRouter
{
    /// <summary>Takes a call over. Runs outside of every grain; one that is never answered ends with the caller's timeout.</summary>
    void Route(RoutedCall call);
}

/// <summary>A call on its way.</summary>
public sealed class RoutedCall : IThreadPoolWorkItem
{
    private readonly Call call;
    private readonly ICallRouter router;
    private readonly TaskCompletionSource done = new();
    private Task? outcome;

    internal RoutedCall(Call call, ICallRouter router, GrainEngine sender, GrainId target)
    {
        this.call = call;
        this.router = router;
        Sender = sender;
        Target = target;
    }

    /// <summary>The engine ("node") whose reference was called.</summary>
    public GrainEngine Sender { get; }

    public GrainId Target { get; }

    /// <summary>The contract's name and the method's.</summary>
    public string Method => call.MethodName;

    public bool Interleaves => call.Interleaves;

    /// <summary>
    /// Hands the call to an engine. Completes when the work is done, well or not; never when that engine crashes first.
    /// The caller hears nothing yet. Once per call.
    /// </summary>
    public Task Deliver(GrainEngine node)
    {
        ArgumentNullException.ThrowIfNull(node);
        node.Dispatch(call, node.TableOf(Target.Type), Target.Key, fromGrain: true);
        return done.Task;
    }

    /// <summary>Gives the caller the outcome, after <see cref="Deliver"/> completed; without effect after its timeout.</summary>
    public void Answer() => call.Answer(outcome ?? throw new InvalidOperationException("The work is not done."));

    /// <summary>The caller gets its TimeoutException now.</summary>
    public void TimeOut() => call.TimeOut();

    internal void Done(Task work)
    {
        outcome = work;
        done.TrySetResult();
    }

    void IThreadPoolWorkItem.Execute() => router.Route(this);
}
