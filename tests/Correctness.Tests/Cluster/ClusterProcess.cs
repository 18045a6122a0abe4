using System.Diagnostics;
using System.Globalization;

namespace SessionCluster.Correctness.Tests.Cluster;

/// <summary>A silo or an Api as a process of its own, always on the same ports, killed and started again.</summary>
internal sealed class ClusterProcess(string program, int httpPort, string key, IReadOnlyList<string> settings, string log) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly HttpClient _http = new();
    private Process? _process;

    public Uri Url { get; } = new($"http://127.0.0.1:{httpPort}");

    public string Name { get; } = Path.GetFileNameWithoutExtension(log);

    public bool HasEnded => _process is null || _process.HasExited;

    public void Start()
    {
        var arguments = string.Join(' ', settings.Select(s => $"'--{s}'"));
        var file = Path.Combine(AppContext.BaseDirectory, program);
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        _process?.Dispose();
        _process = Process.Start("sh", ["-c", $"exec '{host}' exec '{file}' --urls={Url} {arguments} >> '{log}' 2>&1"]);
    }

    public async Task UntilReady()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!await IsReady())
        {
            if (deadline.IsCancellationRequested)
            {
                Assert.Fail($"{Name} did not become ready:\n{(File.Exists(log) ? File.ReadAllText(log) : "it wrote nothing")}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
        }
    }

    /// <summary>Calls with a key that has every role.</summary>
    public ApiClient Client() => new(Url, key);

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
    }

    /// <summary>Sends a signal, as STOP or CONT.</summary>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process?.Dispose();
        _http.Dispose();
    }

    private async Task<bool> IsReady()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(Url, "/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
