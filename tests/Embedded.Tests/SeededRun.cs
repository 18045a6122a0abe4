using Microsoft.Extensions.DependencyInjection;

namespace SessionCluster.Embedded.Tests;

/// <summary>Engines on one thread, in virtual time, where a seed picks what runs next.</summary>
internal sealed class SeededRun : ITurnScheduler
{
    private readonly SimLoop loop;

    public SeededRun(int seed)
    {
        loop = new SimLoop(new Random(seed), Time);
    }

    public SimTime Time { get; } = new();

    public Trace Trace { get; } = new();

    public bool IsExclusive => true;

    public void Schedule(IThreadPoolWorkItem item) => loop.Add(item.Execute);

    /// <summary>A started engine with all the grains of the tests.</summary>
    public GrainEngine Start(Action<EngineOptions>? configure = null, ICallRouter? router = null)
    {
        var options = new EngineOptions().AddGrain(typeof(WorkGrain)).AddGrain(typeof(OtherWorkGrain));
        configure?.Invoke(options);
        var services = new ServiceCollection().AddSingleton(Trace).AddSingleton<TimeProvider>(Time).BuildServiceProvider();
        var engine = new GrainEngine(services, options, new MemoryGrainStorage(), Time, this, router);
        engine.StartAsync(CancellationToken.None);
        return engine;
    }

    /// <summary>Runs until the body is done, and at most a day of virtual time.</summary>
    public void Run(Func<Task> body)
    {
        Task? task = null;
        loop.Add(() => task = body());
        Assert.True(loop.RunUntil(() => task is { IsCompleted: true }, Time.Elapsed + TimeSpan.FromDays(1), 1_000_000), "The run came to a halt.");
        Assert.True(task!.IsCompletedSuccessfully, task.Exception?.ToString());
    }

    /// <summary>Waits in virtual time, to the tick.</summary>
    public Task Wait(TimeSpan time)
    {
        var over = new TaskCompletionSource();
        Time.After(time, over.SetResult);
        return over.Task;
    }
}

/// <summary>What happened, in order; and the threads that it happened on.</summary>
public sealed class Trace
{
    public List<string> Lines { get; } = [];

    public HashSet<int> Threads { get; } = [];

    public void Add(string line)
    {
        lock (Lines)
        {
            Lines.Add(line);
            Threads.Add(Environment.CurrentManagedThreadId);
        }
    }
}
