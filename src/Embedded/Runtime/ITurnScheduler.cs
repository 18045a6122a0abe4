namespace SessionCluster.Embedded;

/// <summary>Says on which thread, and in which order across activations, work of the engine runs.</summary>
public interface ITurnScheduler
{
    /// <summary>
    /// True when everything must run where <see cref="Schedule"/> says and nowhere else: no call runs on its caller's thread,
    /// an item is one turn, and a continuation goes to the synchronization context that it captured and never to the thread
    /// pool. Callers outside grains must then have such a context.
    /// </summary>
    bool IsExclusive { get; }

    /// <summary>Runs the item once, later; never inside this call.</summary>
    void Schedule(IThreadPoolWorkItem item);
}

/// <summary>The scheduler of production: the thread pool.</summary>
public sealed class ThreadPoolTurnScheduler : ITurnScheduler
{
    public bool IsExclusive => false;

    public void Schedule(IThreadPoolWorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: true);
}
