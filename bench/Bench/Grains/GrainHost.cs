using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Embedded;
using SessionCluster.Geo;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Bench.Grains;

/// <summary>The embedded engine with the product's grains over <see cref="MadeUpRows"/>.</summary>
internal sealed class GrainHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private GrainHost(ServiceProvider services) => _services = services;

    public GrainEngine Engine => _services.GetRequiredService<GrainEngine>();

    public static async Task<GrainHost> Start(MadeUpRows rows, Action<EngineOptions>? configure = null, TimeProvider? time = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddSingleton<IGrainStorage>(rows);
        services.AddSingleton<ISessionRows>(rows);
        services.AddSingleton<IGeoLookup>(rows);
        services.AddSessionGrains(new ConfigurationBuilder().Build());
        services.AddEmbeddedEngine(options =>
        {
            options.AddGrain(typeof(SessionGrain)).AddGrain(typeof(UserGrain));
            options.MaxActivations = 100_000_000;
            configure?.Invoke(options);
        });
        var host = new GrainHost(services.BuildServiceProvider());
        await host.Engine.StartAsync(CancellationToken.None);
        return host;
    }

    public static ValidateCommand Use(int session) => new(new ClientFacts(MadeUpRows.Ip(session), "", "GET", "/", "{}", ""));

    public ISessionGrain Session(int number) => Engine.GetGrain<ISessionGrain>(MadeUpRows.Session(number).GrainKey);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
