using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using SessionCluster.Testing.PostgreSql;

namespace SessionCluster.Testing.Server;

/// <summary>How the servers of the tests run; TEST_SERVER chooses for those that do not say so themselves.</summary>
internal enum ServerKind
{
    /// <summary>One process on SQLite, as <c>dotnet run</c> starts it.</summary>
    OnSqlite = 0,

    /// <summary>One process on PostgreSQL: a cluster of one.</summary>
    OnPostgreSql = 1,

    /// <summary>Three members on one PostgreSQL; calls go to each in turn.</summary>
    Cluster = 2,
}

/// <summary>What the servers of the tests are told: the data folder of a test names its database and its ports, so that a second start finds the same.</summary>
internal static class TestStorage
{
    /// <summary>A key with every role, where the settings name no others.</summary>
    public const string Key = "key-of-the-tests-with-every-role";

    private static readonly ConcurrentDictionary<string, Lazy<string>> Databases = new(StringComparer.Ordinal);

    /// <summary>A cluster that starts again on its database does so on its old ports, as hosts keep their addresses.</summary>
    private static readonly ConcurrentDictionary<string, Lazy<int[]>> Ports = new(StringComparer.Ordinal);

    /// <summary>What TEST_SERVER says: sqlite (the default), postgresql or cluster.</summary>
    public static ServerKind Kind { get; } = Environment.GetEnvironmentVariable("TEST_SERVER") switch
    {
        null or "" or "sqlite" => ServerKind.OnSqlite,
        "postgresql" => ServerKind.OnPostgreSql,
        "cluster" => ServerKind.Cluster,
        var other => throw new InvalidOperationException($"TEST_SERVER is '{other}'; it must be sqlite, postgresql or cluster."),
    };

    /// <summary>The settings of a member of a cluster on the database that belongs to a data folder.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="member">Which member, from 0.</param>
    public static IEnumerable<string> PostgreSql(string data, int member = 0)
    {
        var ports = Ports.GetOrAdd(data, _ => new Lazy<int[]>(() => TestPorts.Free(8))).Value;
        return Member(Database(data), ports[2 * member], ports[(2 * member) + 1]);
    }

    /// <summary>The settings of a member of a cluster.</summary>
    public static IEnumerable<string> Member(string database, int siloPort, int gatewayPort) =>
    [
        "Storage:Provider=postgresql", $"Storage:ConnectionString={database}", "Cluster:AdvertisedAddress=127.0.0.1", $"Cluster:SiloPort={siloPort}",
        $"Cluster:GatewayPort={gatewayPort}", "Cluster:Drain=seconds=0",
    ];

    /// <summary>The keys that the processes of a cluster share, and no other cluster has.</summary>
    public static IEnumerable<string> SharedKeys(string cluster) =>
        [$"Keys:0={Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(cluster)))}", $"Api:BootstrapKey={Key}"];

    /// <summary>The connection string of the database that belongs to a data folder.</summary>
    public static string Database(string data) => Databases.GetOrAdd(data, _ => new Lazy<string>(() => PostgreSqlServer.Shared.CreateDatabase())).Value;
}
