using Microsoft.Extensions.DependencyInjection;

namespace SessionCluster.Conformance.Tests;

/// <summary>The embedded engine, as production runs it, over storage in memory.</summary>
public sealed class ConformanceCluster : IConformanceCluster
{
    private readonly ServiceProvider services = new ServiceCollection()
        .AddSingleton<IGrainStorage>(new MemoryGrainStorage())
        .AddEmbeddedEngine(options =>
        {
            options.AddGrains(typeof(ProbeGrain).Assembly);
            options.SetIdleAge(typeof(BriefGrain), IConformanceCluster.BriefIdleAge);
            options.CallTimeout = IConformanceCluster.CallTimeout;
            options.CollectionInterval = IConformanceCluster.BriefIdleAge / 2;
        })
        .BuildServiceProvider();

    public IGrainFactory Grains => Engine;

    private GrainEngine Engine => services.GetRequiredService<GrainEngine>();

    public Task DeactivateAll() => Engine.DeactivateAllAsync();

    public Task InitializeAsync() => Engine.StartAsync(CancellationToken.None);

    public async Task DisposeAsync()
    {
        await Engine.StopAsync(CancellationToken.None);
        await services.DisposeAsync();
    }
}
