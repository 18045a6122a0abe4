using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SessionCluster.Api.Hosting;
using SessionCluster.Silo.Hosting;

namespace SessionCluster.Flows.Tests;

/// <summary>A silo and an Api in this process, on free ports. The folder stands for a database.</summary>
internal sealed class FlowHost : IAsyncDisposable
{
    private readonly WebApplication _silo;
    private readonly WebApplication _api;

    public FlowHost(string folder, TimeProvider time, IEnumerable<string> settings)
    {
        var ports = ServerProcess.FreePorts(2);
        string[] shared = ["--urls", "http://127.0.0.1:0", .. TestStorage.PostgreSql(folder).Select(s => "--" + s), .. settings];
        _silo = SiloHost.Build(
            [.. shared, $"--Cluster:SiloPort={ports[0]}", $"--Cluster:GatewayPort={ports[1]}", "--Cluster:AdvertisedAddress=127.0.0.1"],
            services => services.AddSingleton(time));
        _api = ApiHost.Build(
            [.. shared, "--Cluster:Drain=seconds=0", $"--Keys:0={Convert.ToBase64String(new byte[32])}"], services => services.AddSingleton(time));
    }

    /// <summary>The services of the process that holds the grains.</summary>
    public IServiceProvider Services => _silo.Services;

    public string Url => _api.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public async Task Start()
    {
        await _silo.StartAsync();
        await _api.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _api.StopAsync();
        await _api.DisposeAsync();
        await _silo.StopAsync();
        await _silo.DisposeAsync();
    }
}
