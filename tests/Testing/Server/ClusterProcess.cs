namespace SessionCluster.Testing.Server;

/// <summary>A member or an Api of a cluster, that is killed, frozen and started again, always on the same ports.</summary>
internal sealed class ClusterProcess(string name, string program, int httpPort, IReadOnlyList<string> settings, TestNetwork.Place? place = null) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly List<ServerProgram> _runs = [];

    public string Name => name;

    public Uri Url { get; } = new($"http://{place?.Outer ?? "127.0.0.1"}:{httpPort}");

    public bool HasEnded => _runs is not [.., { HasExited: false }];

    /// <summary>All that it wrote, over all its runs.</summary>
    public string Log => string.Concat(_runs.Select(run => run.Log));

    public void Start() => _runs.Add(new ServerProgram(place, program, [.. settings, $"urls={Url}"]));

    public async Task UntilReady()
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!await IsReady())
        {
            Assert.False(deadline.IsCancellationRequested || HasEnded, $"{name} did not become ready:\n{Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
        }
    }

    /// <summary>SIGKILL, whatever it does at the moment.</summary>
    public Task Kill() => HasEnded ? Task.CompletedTask : _runs[^1].Kill();

    /// <summary>SIGTERM; the exit code.</summary>
    public Task<int> Terminate() => _runs[^1].Terminate();

    /// <summary>Sends a signal, as STOP or CONT, unless it has ended.</summary>
    public Task Signal(string signal) => HasEnded ? Task.CompletedTask : _runs[^1].Signal(signal);

    /// <summary>Takes its cable to the other processes and the database away, or gives it back. HTTP goes over another one.</summary>
    public void CutOff(bool isCut) => place!.CutOff(isCut);

    /// <summary>Whether it says that it is ready.</summary>
    public async Task<bool> IsReady()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(Url, "/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        if (!HasEnded)
        {
            Kill().Wait(Patience);
        }

        _runs.ForEach(run => run.Dispose());
        _http.Dispose();
    }
}
