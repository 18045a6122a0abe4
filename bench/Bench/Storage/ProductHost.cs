using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Silo.Hosting;
using SessionCluster.Testing;
using SessionCluster.Testing.Server;

namespace SessionCluster.Bench.Storage;

/// <summary>The whole product in this process, over a database of its own; only its grains are called.</summary>
internal sealed class ProductHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _data;

    private ProductHost(WebApplication app, DirectoryInfo data) => (_app, _data) = (app, data);

    public IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();

    public string Folder => _data.FullName;

    /// <summary>The settings of a member of a cluster on a database.</summary>
    public static IEnumerable<string> OnPostgreSql(string connection)
    {
        var ports = TestPorts.Free(2);
        return
        [
            "Storage:Provider=postgresql", $"Storage:ConnectionString={connection}", "Cluster:AdvertisedAddress=127.0.0.1", "Cluster:Drain=seconds=0",
            $"Cluster:SiloPort={ports[0]}", $"Cluster:GatewayPort={ports[1]}",
        ];
    }

    /// <summary>Starts it. Settings are written as <c>Name=value</c>.</summary>
    public static async Task<ProductHost> Start(params IEnumerable<string> settings)
    {
        var data = Directory.CreateTempSubdirectory("sessioncluster-bench-");
        var app = SiloHost.Build(
            ["--urls=http://127.0.0.1:0", $"--Data:Path={data.FullName}", "--Logging:LogLevel:Default=Critical", .. settings.Select(setting => "--" + setting)]);
        await app.StartAsync();
        return new ProductHost(app, data);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
