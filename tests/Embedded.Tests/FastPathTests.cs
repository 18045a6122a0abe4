namespace SessionCluster.Embedded.Tests;

public sealed class FastPathTests
{
    [Fact]
    public async Task A_call_answered_at_once_allocates_nothing()
    {
        await using var run = new ThreadedRun();
        var grain = run.Free("a");

        Assert.Equal(0, LeastAllocated(() => grain.Number()));
    }

    [Fact]
    public async Task A_new_reference_costs_one_small_object()
    {
        await using var run = new ThreadedRun();
        run.Free("a");

        Assert.InRange(LeastAllocated(() => run.Engine.GetGrain<IWorkGrain>("a").Number()), 1, 40 * Rounds);
    }

    [Fact]
    public async Task An_activation_costs_less_than_150_bytes()
    {
        await using var run = new ThreadedRun();
        const int Count = 100_000;
        var keys = Enumerable.Range(0, Count).Select(i => $"{i}").ToArray();
        await run.Engine.GetGrain<IOtherWorkGrain>("warm").Work("up");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await Task.WhenAll(keys.Select(key => run.Work(key).Number()));

        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;

        // The grain itself is 152 bytes: its fields, and the task of its thread.
        Assert.InRange(each, 100, 150 + 152);
        Assert.Equal(Count + 1, run.Engine.ActivationCount);
        GC.KeepAlive(keys);
    }

    [Fact]
    public async Task A_call_of_a_free_grain_runs_on_the_callers_thread_and_returns_the_grains_task()
    {
        await using var run = new ThreadedRun();
        var grain = run.Free("a");

        var task = grain.ThreadOf();

        Assert.True(task.IsCompleted);
        Assert.Same(Thread.CurrentThread, await task);
        Assert.Same(grain.Number(), grain.Number());
    }

    [Fact]
    public async Task The_callers_synchronization_context_is_back_after_the_call()
    {
        await using var run = new ThreadedRun();
        var grain = run.Free("a");
        var context = SynchronizationContext.Current;
        var gate = new TaskCompletionSource();

        var held = grain.Await(gate.Task);

        Assert.Same(context, SynchronizationContext.Current);
        gate.SetResult();
        await held;
    }

    [Fact]
    public async Task A_caller_goes_on_outside_of_the_callees_turn()
    {
        await using var run = new ThreadedRun();
        var grain = run.Free("a");
        var gate = new TaskCompletionSource();
        var held = grain.Await(gate.Task);
        var after = held.ContinueWith(
            _ => SynchronizationContext.Current, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        gate.SetResult();

        Assert.Null(await after);
        Assert.Equal(7, await grain.Number());
    }

    private const int Rounds = 1000;

    // The least of several tries: the runtime itself may allocate while it still compiles.
    internal static long LeastAllocated(Action call)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Rounds; i++)
            {
                call();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
