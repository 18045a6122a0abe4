using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace SessionCluster.Calls;

/// <summary>Orleans, one silo: the least that a call within it can be, to a grain that does nothing.</summary>
internal sealed class CallTarget : ITarget
{
    private readonly IHost _host;
    private readonly INothingGrain[] _grains;

    private CallTarget(IHost host)
    {
        _host = host;
        var factory = host.Services.GetRequiredService<IGrainFactory>();
        _grains = [.. Enumerable.Range(0, Callers.Count).Select(caller => factory.GetGrain<INothingGrain>($"n:{caller}"))];
    }

    public int InARow => 256;

    public static async Task<ITarget> Start()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        var host = builder.Build();
        await host.StartAsync();
        return new CallTarget(host);
    }

    public Task Call(int caller) => _grains[caller].Touch();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}

/// <summary>Does nothing.</summary>
[Alias("bench.nothing")]
public interface INothingGrain : IGrainWithStringKey
{
    [Alias("touch")]
    Task Touch();
}

/// <inheritdoc/>
[GrainType("nothing")]
public sealed class NothingGrain : Grain, INothingGrain
{
    public Task Touch() => Task.CompletedTask;
}
