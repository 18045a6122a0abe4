using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace SessionCluster.Server.Tests;

/// <summary>The real server: in the cluster, two silos and an Api, each a process. The data folder stands for a database.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>A key with every role, where the settings name no others.</summary>
    private const string Key = "key-of-the-tests-with-every-role";

    /// <summary>A silo that was killed counts as dead only after a while; a start waits for that.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>A cluster that starts again on its database does so on its old ports, as hosts keep their addresses.</summary>
    private static readonly ConcurrentDictionary<string, int[]> Ports = new(StringComparer.Ordinal);

    private readonly ServerProgram[] _silos;
    private readonly ServerProgram _api;

    private ServerProcess(string data, IEnumerable<string> settings)
    {
        Data = data;
        string[] given = [.. settings];
        string[] shared = [$"Data:Path={data}", $"Keys:0={TokenKey(data)}", "Cluster:Drain=seconds=0", .. TestStorage.PostgreSql(data)];
        string[] keys = given.Any(s => s.StartsWith("Api:Keys:", StringComparison.Ordinal)) ? [] : [$"Api:BootstrapKey={Key}"];
        _silos = [.. Ports.GetOrAdd(data, _ => FreePorts(4)).Chunk(2).Select(ports => new ServerProgram(
            "SessionCluster.Silo.dll",
            [
                .. shared, $"Cluster:SiloPort={ports[0]}", $"Cluster:GatewayPort={ports[1]}", "Cluster:AdvertisedAddress=127.0.0.1",
                .. given.Where(s => !s.StartsWith("urls=", StringComparison.Ordinal)),
            ]))];
        _api = new ServerProgram("SessionCluster.Api.dll", [.. shared, .. keys, .. given]);
    }

    /// <summary>The data folder, in which a cluster writes nothing.</summary>
    public string Data { get; }

    public Uri Url { get; private set; } = null!;

    /// <summary>Calls with a key that has every role.</summary>
    public ApiClient Api { get; private set; } = null!;

    /// <summary>All that the processes wrote so far.</summary>
    public string Log => string.Concat(All.Select(program => program.Log));

    private IEnumerable<ServerProgram> All => [.. _silos, _api];

    /// <summary>Starts a cluster and waits until all of it is ready. Settings are written as <c>Name=value</c>.</summary>
    public static async Task<ServerProcess> Start(string data, params IEnumerable<string> settings)
    {
        var server = new ServerProcess(data, settings);
        try
        {
            await Task.WhenAll(server.All.Select(UntilReady)).WaitAsync(Patience);

            server.Url = await server._api.Url;
            server.Api = new ApiClient(server.Url, Key);
            return server;
        }
        catch (Exception failure)
        {
            var log = server.Log;
            await server.DisposeAsync();
            throw new InvalidOperationException($"The cluster did not start:\n{log}", failure);
        }
    }

    /// <summary>
    /// Starts a cluster of which at least one process must not start: the exit code of the first that ends, and what those wrote that did.
    /// The Api checks the settings of the edge and silos those of the grains, so those that follow soon are heard, too.
    /// </summary>
    public static async Task<(int ExitCode, string Log)> StartRefused(string data, params IEnumerable<string> settings)
    {
        await using var server = new ServerProcess(data, settings);
        var ends = server.All.Select(program => program.Exited()).ToArray();
        var first = Array.IndexOf(ends, await Task.WhenAny(ends).WaitAsync(Patience));
        await Task.WhenAny(Task.WhenAll(ends), Task.Delay(TimeSpan.FromSeconds(3)));
        return (server.All.ElementAt(first).ExitCode, string.Concat(server.All.Where(program => program.HasExited).Select(program => program.Log)));
    }

    /// <summary>SIGKILL of all.</summary>
    public Task Kill() => Task.WhenAll(All.Select(program => program.Kill())).WaitAsync(Patience);

    /// <summary>SIGTERM of the Api, then of the silos; the exit code, of the first that failed if one did.</summary>
    public async Task<int> Terminate()
    {
        var api = await _api.Terminate().WaitAsync(Patience);
        var silos = await Task.WhenAll(_silos.Select(silo => silo.Terminate())).WaitAsync(Patience);
        return silos.Append(api).FirstOrDefault(code => code != 0);
    }

    /// <summary>Ports that nobody listens on.</summary>
    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(All.Where(program => !program.HasExited).Select(program => program.Kill()));
        Api?.Dispose();
        foreach (var program in All)
        {
            program.Dispose();
        }
    }

    private static string TokenKey(string data) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(data)));

    private static async Task UntilReady(ServerProgram program)
    {
        using var client = new ApiClient(await program.Url, Key);
        while ((await client.Get("/health/ready")).Status != 200)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }
}
