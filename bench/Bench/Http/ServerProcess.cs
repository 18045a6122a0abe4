using System.Diagnostics;

namespace SessionCluster.Bench.Http;

/// <summary>The measured server as a process of its own, with a data folder of its own that is deleted afterwards.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly DirectoryInfo? _data;

    private ServerProcess(Process process, DirectoryInfo? data, string key, Uri url)
    {
        (_process, _data, Key, Url) = (process, data, key, url);
        Api = new HttpClient { BaseAddress = url };
        Api.DefaultRequestHeaders.Add("Authorization", $"Bearer {Key}");
    }

    public Uri Url { get; }

    /// <summary>The service key, which has every role.</summary>
    public string Key { get; }

    /// <summary>A client with the service key.</summary>
    public HttpClient Api { get; }

    /// <summary>The processor time that it has taken so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a server. Settings are written as <c>Name=value</c>; a data folder named by them stays afterwards.</summary>
    public static Task<ServerProcess> Start(params IReadOnlyList<string> settings) => Start("server", null, settings);

    /// <summary>Starts a process of the product.</summary>
    /// <param name="program">How this program calls it.</param>
    /// <param name="key">The service key that the settings name; null when the server draws one.</param>
    /// <param name="settings">The settings.</param>
    public static async Task<ServerProcess> Start(string program, string? key, IReadOnlyList<string> settings)
    {
        const string Folder = "Data:Path=";
        var named = settings.FirstOrDefault(setting => setting.StartsWith(Folder, StringComparison.Ordinal))?[Folder.Length..];
        var data = named is null ? Directory.CreateTempSubdirectory("sessioncluster-bench-") : null;
        var folder = named ?? data!.FullName;
        string[] arguments =
        [
            "exec", typeof(ServerProcess).Assembly.Location, program, "--urls=http://127.0.0.1:0", $"--Data:Path={folder}",
            .. settings.Select(setting => "--" + setting),
        ];
        // Its input is never written: it ends with this process, which is how the server knows that it is to end too.
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            {
                // What it says later is read and dropped, so that it never waits for a reader.
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
                return new ServerProcess(process, data, key ?? (await File.ReadAllTextAsync(Path.Combine(folder, "api-key"))).Trim(), new Uri(line[(at + Listening.Length)..]));
            }
        }

        throw new InvalidOperationException("The measured server ended before it listened.");
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _data?.Delete(recursive: true);
    }
}
