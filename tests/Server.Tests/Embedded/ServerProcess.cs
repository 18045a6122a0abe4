namespace SessionCluster.Server.Tests;

/// <summary>The real server: with the embedded engine, one process.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ServerProgram _program;

    private ServerProcess(string data, IEnumerable<string> settings)
    {
        Data = data;
        _program = new ServerProgram("SessionCluster.Silo.dll", [$"Data:Path={data}", .. TestStorage.Settings(data), .. settings]);
    }

    /// <summary>The data folder.</summary>
    public string Data { get; }

    public Uri Url { get; private set; } = null!;

    /// <summary>Calls with the generated key, which has every role.</summary>
    public ApiClient Api { get; private set; } = null!;

    /// <summary>All that the server wrote so far.</summary>
    public string Log => _program.Log;

    /// <summary>Starts a server and waits until it is ready. Settings are written as <c>Name=value</c>.</summary>
    public static async Task<ServerProcess> Start(string data, params IEnumerable<string> settings)
    {
        var server = new ServerProcess(data, settings);
        try
        {
            server.Url = await server._program.Url.WaitAsync(Patience);
            var keyFile = Path.Combine(data, "api-key");
            server.Api = new ApiClient(server.Url, File.Exists(keyFile) ? (await File.ReadAllTextAsync(keyFile)).Trim() : "none");
            await Poll.Until(async () => (await server.Api.Get("/health/ready")).Status == 200);
            return server;
        }
        catch (Exception failure)
        {
            var log = server.Log;
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not start:\n{log}", failure);
        }
    }

    /// <summary>Starts a server that must not start; its exit code and what it wrote.</summary>
    public static async Task<(int ExitCode, string Log)> StartRefused(string data, params IEnumerable<string> settings)
    {
        await using var server = new ServerProcess(data, settings);
        await server._program.Exited().WaitAsync(Patience);
        return (server._program.ExitCode, server.Log);
    }

    /// <summary>SIGKILL.</summary>
    public Task Kill() => _program.Kill().WaitAsync(Patience);

    /// <summary>SIGTERM; the exit code.</summary>
    public Task<int> Terminate() => _program.Terminate().WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        if (!_program.HasExited)
        {
            await Kill();
        }

        Api?.Dispose();
        _program.Dispose();
    }
}
