using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Silo.Hosting;

namespace SessionCluster.Flows.Tests;

/// <summary>The server in this process as it starts without a database of its own, under a clock that tests move.</summary>
public class FlowServer : IAsyncLifetime
{
    public const string LoginUrl = "https://front.example.com/login";

    private readonly TempFolder _folder = new();

    private WebApplication _app = null!;

    /// <summary>Further settings, as arguments of the command line.</summary>
    protected virtual string[] Settings => [];

    public FlowApi Api { get; private set; } = null!;

    internal MovedTime Time { get; } = new();

    public IServiceProvider Services => _app.Services;

    public async Task InitializeAsync()
    {
        string[] settings =
        [
            "--urls", "http://127.0.0.1:0", "--Data:Path", _folder.Path, "--Api:BootstrapKey", FlowApi.Key,
            "--Login:AllowedRedirects:0", "https://app.example.com", "--Login:Url", LoginUrl, "--Proxies:Trusted:0", "127.0.0.0/8", "--Logging:LogLevel:Default", "Error", "--Sweeping:Interval", "hours=1",
            "--Api:Keys:0:Name", "manager", "--Api:Keys:0:Sha256", FlowApi.HashOf(FlowApi.ManagerKey), "--Api:Keys:0:Roles", "manage",
            .. Settings,
        ];
        _app = SiloHost.Build(settings, services => services.AddSingleton<TimeProvider>(Time));
        await _app.StartAsync();
        Api = new FlowApi(_app.Urls.Single());
        await Api.Stage(new { name = "ask", session_duration = "hours=1", remember_me_offset = "days=14" });
    }

    public async Task DisposeAsync()
    {
        Api.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
