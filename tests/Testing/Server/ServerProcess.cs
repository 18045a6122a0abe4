namespace SessionCluster.Testing.Server;

/// <summary>The real server over HTTP: one process, or several of the same as a cluster.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>A member that was killed counts as dead only after a while; a start waits for that.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private ServerProcess(string data, ServerKind kind, IEnumerable<string> settings, int members = 3)
    {
        Data = data;
        string[] given = [.. settings];
        Members = kind switch
        {
            ServerKind.OnSqlite => [NewProgram()],
            ServerKind.OnPostgreSql => [NewProgram(TestStorage.PostgreSql(data))],
            _ => [.. Enumerable.Range(0, members).Select(member => NewProgram([.. TestStorage.PostgreSql(data, member), .. TestStorage.SharedKeys(data)]))],
        };

        ServerProgram NewProgram(params IEnumerable<string> own) => new("SessionCluster.Silo.dll", [$"Data:Path={data}", .. own, .. given]);
    }

    /// <summary>The data folder; of a cluster its name stands for the database.</summary>
    public string Data { get; }

    /// <summary>The processes.</summary>
    public IReadOnlyList<ServerProgram> Members { get; }

    /// <summary>Where the first one listens.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Calls each process in turn, with a key that has every role.</summary>
    public ApiClient Api { get; private set; } = null!;

    /// <summary>All that the processes wrote so far.</summary>
    public string Log => string.Concat(Members.Select(member => member.Log));

    /// <summary>Starts a server of the kind that TEST_SERVER says, and waits until it is ready. Settings are written as <c>Name=value</c>.</summary>
    public static Task<ServerProcess> Start(string data, params IEnumerable<string> settings) => StartKind(data, TestStorage.Kind, settings);

    /// <summary>Starts a server and waits until all of it is ready.</summary>
    public static async Task<ServerProcess> StartKind(string data, ServerKind kind, params IEnumerable<string> settings)
    {
        var server = new ServerProcess(data, kind, settings);
        try
        {
            var urls = await Task.WhenAll(server.Members.Select(member => member.Url)).WaitAsync(Patience);
            server.Url = urls[0];
            server.Api = new ApiClient(urls, kind == ServerKind.Cluster ? TestStorage.Key : await GeneratedKey(data));
            foreach (var url in urls)
            {
                using var one = new ApiClient([url], server.Api.Key);
                await Poll.Until(async () => (await one.Get("/health/ready")).Status == 200);
            }

            return server;
        }
        catch (Exception failure)
        {
            var log = server.Log;
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server did not start:\n{log}", failure);
        }
    }

    /// <summary>Starts a process that must not start; its exit code and what it wrote.</summary>
    public static Task<(int ExitCode, string Log)> StartRefused(string data, params IEnumerable<string> settings) =>
        StartKindRefused(data, TestStorage.Kind, settings);

    /// <summary>Starts one process of a kind that must not start; its exit code and what it wrote.</summary>
    public static async Task<(int ExitCode, string Log)> StartKindRefused(string data, ServerKind kind, params IEnumerable<string> settings)
    {
        await using var server = new ServerProcess(data, kind, settings, members: 1);
        await server.Members[0].Exited().WaitAsync(Patience);
        return (server.Members[0].ExitCode, server.Log);
    }

    /// <summary>SIGKILL of all.</summary>
    public Task Kill() => Task.WhenAll(Members.Select(member => member.Kill())).WaitAsync(Patience);

    /// <summary>SIGTERM of all; the exit code, of the first that failed if one did.</summary>
    public async Task<int> Terminate() =>
        (await Task.WhenAll(Members.Select(member => member.Terminate())).WaitAsync(Patience)).FirstOrDefault(code => code != 0);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Members.Where(member => !member.HasExited).Select(member => member.Kill()));
        Api?.Dispose();
        foreach (var member in Members)
        {
            member.Dispose();
        }
    }

    private static async Task<string> GeneratedKey(string data)
    {
        var file = Path.Combine(data, "api-key");
        return File.Exists(file) ? (await File.ReadAllTextAsync(file)).Trim() : "none";
    }
}
