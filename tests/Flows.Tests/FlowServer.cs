using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SessionCluster.Silo.Hosting;

namespace SessionCluster.Flows.Tests;

/// <summary>The whole server in this process, on a free port, over a temporary folder and under a clock that tests move.</summary>
public class FlowServer : IAsyncLifetime
{
    /// <summary>Further settings, as arguments of the command line.</summary>
    protected virtual string[] Settings => [];

    private readonly string _folder = Directory.CreateTempSubdirectory("session-cluster-flows-").FullName;

    private WebApplication? _app;

    public FlowApi Api { get; private set; } = null!;

    internal MovedTime Time { get; } = new();

    public IServiceProvider Services => _app!.Services;

    public async Task InitializeAsync()
    {
        string[] args =
        [
            "--urls", "http://127.0.0.1:0", "--Data:Path", _folder, "--Api:BootstrapKey", FlowApi.Key,
            "--Login:AllowedRedirects:0", "https://app.example.com", "--Logging:LogLevel:Default", "Error",
            "--Sweeping:Interval", "hours=1", .. Settings,
        ];
        _app = SiloHost.Build(args, services => services.AddSingleton<TimeProvider>(Time));
        await _app.StartAsync();
        Api = new FlowApi(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await Api.Stage(new { name = "ask", session_duration = "hours=1", remember_me_offset = "days=14" });
    }

    public async Task DisposeAsync()
    {
        Api.Dispose();
        await _app!.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
