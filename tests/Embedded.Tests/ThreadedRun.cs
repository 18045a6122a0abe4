using Microsoft.Extensions.DependencyInjection;

namespace SessionCluster.Embedded.Tests;

/// <summary>An engine as in production: on the thread pool, in real time.</summary>
internal sealed class ThreadedRun : IAsyncDisposable
{
    private readonly ServiceProvider services;

    public ThreadedRun(Action<EngineOptions>? configure = null)
    {
        services = new ServiceCollection()
            .AddSingleton(Trace)
            .AddSingleton<IGrainStorage>(new MemoryGrainStorage())
            .AddEmbeddedEngine(options =>
            {
                options.AddGrain(typeof(WorkGrain)).AddGrain(typeof(OtherWorkGrain));
                configure?.Invoke(options);
            })
            .BuildServiceProvider();
        Engine = services.GetRequiredService<GrainEngine>();
        Engine.StartAsync(CancellationToken.None);
    }

    public Trace Trace { get; } = new();

    public GrainEngine Engine { get; }

    public IWorkGrain Work(string key) => Engine.GetGrain<IWorkGrain>(key);

    /// <summary>A grain that is active and free. An answer can reach its caller a moment before the turn that gave it ends.</summary>
    public IWorkGrain Free(string key)
    {
        var grain = Work(key);
        Assert.True(SpinWait.SpinUntil(() => grain.Number().IsCompleted, TimeSpan.FromSeconds(30)));
        return grain;
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.StopAsync(CancellationToken.None);
        await services.DisposeAsync();
    }
}
