using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SessionCluster.Server.Tests;

/// <summary>The real server as a process of its own, on a port that the system chose.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource<Uri> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(string data, IEnumerable<string> settings)
    {
        Data = data;
        var program = Path.Combine(AppContext.BaseDirectory, "SessionCluster.Silo.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var argument in (string[])["exec", program, "--urls=http://127.0.0.1:0", $"--Data:Path={data}", .. TestStorage.Settings(data).Concat(settings).Select(s => "--" + s)])
        {
            start.ArgumentList.Add(argument);
        }

        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Exited += (_, _) => _url.TrySetException(new InvalidOperationException("The server ended before it listened."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The data folder.</summary>
    public string Data { get; }

    public Uri Url { get; private set; } = null!;

    /// <summary>Calls with the generated key, which has every role.</summary>
    public ApiClient Api { get; private set; } = null!;

    /// <summary>All that the server wrote so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts a server and waits until it is ready. Settings are written as <c>Name=value</c>.</summary>
    public static async Task<ServerProcess> Start(string data, params IEnumerable<string> settings)
    {
        var server = new ServerProcess(data, settings);
        try
        {
            server.Url = await server._url.Task.WaitAsync(Patience);
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
        await server._process.WaitForExitAsync().WaitAsync(Patience);
        return (server._process.ExitCode, server.Log);
    }

    /// <summary>SIGKILL.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await Kill();
        }

        Api?.Dispose();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.AppendLine(line);
        }

        if (Listening().Match(line) is { Success: true } match)
        {
            _url.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex Listening();
}
