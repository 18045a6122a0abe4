using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace SessionCluster.Testing.Server;

/// <summary>One of the product's programs as a process of its own, on a port that the system chose.</summary>
internal sealed partial class ServerProgram : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource<Uri> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts it. Settings are written as <c>Name=value</c>; later ones win.</summary>
    public ServerProgram(string program, params IEnumerable<string> settings)
        : this(null, program, settings)
    {
    }

    /// <summary>Starts it behind cables of its own, if any are given.</summary>
    public ServerProgram(TestNetwork.Place? place, string program, params IEnumerable<string> settings)
    {
        string[] command =
        [
            .. place?.Enter ?? [], Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, program),
            "--urls=http://127.0.0.1:0", .. settings.Select(s => "--" + s),
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Exited += (_, _) => _url.TrySetException(new InvalidOperationException($"{program} ended before it listened."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it listens, once it does.</summary>
    public Task<Uri> Url => _url.Task;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>All that it wrote so far.</summary>
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

    public Task Exited() => _process.WaitForExitAsync();

    /// <summary>SIGKILL.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await Exited();
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> Terminate()
    {
        await Signal("TERM");
        await Exited();
        return _process.ExitCode;
    }

    /// <summary>Sends a signal, as STOP or CONT.</summary>
    public async Task Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public void Dispose() => _process.Dispose();

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

    [GeneratedRegex(@"Now listening on: (http://[^\s""]+)")]
    private static partial Regex Listening();
}
