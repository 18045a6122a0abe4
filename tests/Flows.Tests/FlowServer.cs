namespace SessionCluster.Flows.Tests;

/// <summary>The server in this process, over a temporary folder and under a clock that tests move.</summary>
public class FlowServer : IAsyncLifetime
{
    /// <summary>Further settings, as arguments of the command line.</summary>
    protected virtual string[] Settings => [];

    private readonly TempFolder _folder = new();

    private FlowHost _host = null!;

    public FlowApi Api { get; private set; } = null!;

    internal MovedTime Time { get; } = new();

    public IServiceProvider Services => _host.Services;

    public async Task InitializeAsync()
    {
        string[] settings =
        [
            "--Api:BootstrapKey", FlowApi.Key, "--Login:AllowedRedirects:0", "https://app.example.com",
            "--Logging:LogLevel:Default", "Error", "--Sweeping:Interval", "hours=1", .. Settings,
        ];
        _host = new FlowHost(_folder.Path, Time, settings);
        await _host.Start();
        Api = new FlowApi(_host.Url);
        await Api.Stage(new { name = "ask", session_duration = "hours=1", remember_me_offset = "days=14" });
    }

    public async Task DisposeAsync()
    {
        Api.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }
}
