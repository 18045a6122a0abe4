using SessionCluster.Testing.PostgreSql;

namespace SessionCluster.Testing.Server;

/// <summary>Members and Apis as processes on one empty database: of a throw-away server, unless another one is named.</summary>
internal sealed class ProcessCluster(string? database = null, params string[] settings) : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<ClusterProcess> _all = [];

    /// <summary>Where each process has cables of its own; null where all are on this machine's loopback.</summary>
    public TestNetwork? Network { get; init; }

    /// <summary>The connection string of the database.</summary>
    public string Database { get; } = database ?? PostgreSqlServer.Shared.CreateDatabase();

    /// <summary>All that the processes wrote so far.</summary>
    public string Log => string.Concat(_all.Select(process => process.Log));

    /// <summary>Starts those that do not run, and waits until all are ready.</summary>
    public static async Task Start(params IReadOnlyList<ClusterProcess> processes)
    {
        foreach (var process in processes.Where(process => process.HasEnded))
        {
            process.Start();
        }

        await Task.WhenAll(processes.Select(process => process.UntilReady()));
    }

    /// <summary>Calls the processes in turn, with a key that has every role.</summary>
    public static ApiClient Client(params IEnumerable<ClusterProcess> processes) => new([.. processes.Select(process => process.Url)], TestStorage.Key);

    /// <summary>A member on ports of its own, not started: a silo with the HTTP API in it.</summary>
    public ClusterProcess Member(params IEnumerable<string> own)
    {
        var (ports, place) = (TestPorts.Free(3), Network?.Add());
        string[] advertised = place is null ? [] : [$"Cluster:AdvertisedAddress={place.Inner}"];
        return Add("member", "SessionCluster.Silo.dll", ports[0], [.. TestStorage.Member(Database, ports[1], ports[2]), .. advertised, .. own], place);
    }

    /// <summary>A member without the HTTP API, not started.</summary>
    public ClusterProcess Silo() => Member("Http:Api=false");

    /// <summary>An Api, not started.</summary>
    public ClusterProcess Api() =>
        Add("api", "SessionCluster.Api.dll", TestPorts.Free(), [$"Storage:ConnectionString={Database}", "Cluster:Drain=seconds=0"], Network?.Add());

    public void Dispose()
    {
        _all.ForEach(process => process.Dispose());
        _folder.Dispose();
    }

    private ClusterProcess Add(string kind, string program, int httpPort, IEnumerable<string> own, TestNetwork.Place? place)
    {
        var name = $"{kind}{_all.Count(process => process.Name.StartsWith(kind, StringComparison.Ordinal)) + 1}";
        var process = new ClusterProcess(name, program, httpPort, [$"Data:Path={_folder.In(name)}", .. own, .. TestStorage.SharedKeys(_folder.Path), .. settings], place);
        _all.Add(process);
        return process;
    }
}
