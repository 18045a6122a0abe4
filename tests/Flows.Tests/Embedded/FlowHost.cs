using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SessionCluster.Silo.Hosting;

namespace SessionCluster.Flows.Tests;

/// <summary>The whole server in this process, on a free port.</summary>
internal sealed class FlowHost(string folder, TimeProvider time, IEnumerable<string> settings) : IAsyncDisposable
{
    private readonly WebApplication _app = SiloHost.Build(
        ["--urls", "http://127.0.0.1:0", "--Data:Path", folder, .. settings], services => services.AddSingleton(time));

    /// <summary>The services of the process that holds the grains.</summary>
    public IServiceProvider Services => _app.Services;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public Task Start() => _app.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
