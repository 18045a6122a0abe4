using System.Diagnostics;

namespace SessionCluster.Bench.Http;

/// <summary>The measured server as a process of its own, with a data folder of its own that is deleted afterwards.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process _process;
    private readonly DirectoryInfo? _data;

    private ServerProcess(Process process, string folder, DirectoryInfo? data, Uri url)
    {
        _process = process;
        _data = data;
        Url = url;
        Key = File.ReadAllText(Path.Combine(folder, "api-key")).Trim();
        Api = new HttpClient { BaseAddress = url };
        Api.DefaultRequestHeaders.Add("Authorization", $"Bearer {Key}");
    }

    public Uri Url { get; }

    /// <summary>The service key, which has every role.</summary>
    public string Key { get; }

    /// <summary>A client with the service key.</summary>
    public HttpClient Api { get; }

    /// <summary>Starts it. Settings are written as <c>Name=value</c>; a data folder named by them stays afterwards.</summary>
    public static async Task<ServerProcess> Start(params IReadOnlyList<string> settings)
    {
        const string Folder = "Data:Path=";
        var named = settings.FirstOrDefault(setting => setting.StartsWith(Folder, StringComparison.Ordinal))?[Folder.Length..];
        var data = named is null ? Directory.CreateTempSubdirectory("sessioncluster-bench-") : null;
        var folder = named ?? data!.FullName;
        string[] arguments =
        [
            "exec", typeof(ServerProcess).Assembly.Location, "server", "--urls=http://127.0.0.1:0", $"--Data:Path={folder}",
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
                return new ServerProcess(process, folder, data, new Uri(line[(at + Listening.Length)..]));
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
