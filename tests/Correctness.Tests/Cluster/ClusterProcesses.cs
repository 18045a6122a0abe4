using SessionCluster.Tests.PostgreSql;

namespace SessionCluster.Correctness.Tests.Cluster;

/// <summary>
/// Silos and Apis on one empty database: of a throw-away server, or what CORRECTNESS_DATABASE names as a connection string.
/// CORRECTNESS_DIRECTORY chooses the grain directory (default or distributed).
/// </summary>
internal sealed class ClusterProcesses : IDisposable
{
    public const string DatabaseVariable = "CORRECTNESS_DATABASE";

    private const string Key = "correctness-correctness-correctness";

    private readonly TempFolder _folder = new();
    private readonly List<ClusterProcess> _all = [];
    private readonly string _database = $"Storage:ConnectionString={Given ?? PostgreSqlServer.Shared.CreateDatabase()}";

    public static string? Given => Environment.GetEnvironmentVariable(DatabaseVariable) is { Length: > 0 } text ? text : null;

    /// <summary>Starts those that do not run, and waits until all are ready.</summary>
    public static async Task Start(params IReadOnlyList<ClusterProcess> processes)
    {
        foreach (var process in processes.Where(p => p.HasEnded))
        {
            process.Start();
        }

        await Task.WhenAll(processes.Select(p => p.UntilReady()));
    }

    /// <summary>A silo on ports of its own, not started.</summary>
    public ClusterProcess Silo()
    {
        var ports = ServerProcess.FreePorts(3);
        return Add("SessionCluster.Silo.dll", "silo", ports[0],
        [
            $"Cluster:SiloPort={ports[1]}", $"Cluster:GatewayPort={ports[2]}", "Cluster:AdvertisedAddress=127.0.0.1",
            $"Cluster:Directory={Environment.GetEnvironmentVariable("CORRECTNESS_DIRECTORY") ?? "default"}",
        ]);
    }

    /// <summary>An Api, not started.</summary>
    public ClusterProcess Api() => Add("SessionCluster.Api.dll", "api", ServerProcess.FreePorts(1)[0],
        [$"Api:BootstrapKey={Key}", $"Keys:0={Convert.ToBase64String(new byte[32])}"]);

    public void Dispose()
    {
        _all.ForEach(p => p.Dispose());
        _folder.Dispose();
    }

    private ClusterProcess Add(string program, string name, int httpPort, IEnumerable<string> settings)
    {
        var log = _folder.In($"{name}{_all.Count(p => p.Name.StartsWith(name, StringComparison.Ordinal)) + 1}.log");
        var process = new ClusterProcess(program, httpPort, Key, [_database, "Logging:LogLevel:Default=Warning", .. settings], log);
        _all.Add(process);
        return process;
    }
}

/// <summary>Runs where there is a database to run on.</summary>
public sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip = ClusterProcesses.Given is null ? PostgreSqlServer.WhyNot : null;
}

/// <summary>Runs where there is a database to run on.</summary>
public sealed class ClusterTheoryAttribute : TheoryAttribute
{
    public ClusterTheoryAttribute() => Skip = ClusterProcesses.Given is null ? PostgreSqlServer.WhyNot : null;
}
