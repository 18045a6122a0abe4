using System.Collections.Concurrent;
using SessionCluster.Tests.PostgreSql;

namespace SessionCluster.Server.Tests;

/// <summary>Where the servers of the tests keep their rows: SQLite, or with TEST_STORAGE=postgresql a database for each data folder.</summary>
internal static class TestStorage
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Databases = new(StringComparer.Ordinal);

    /// <summary>The settings of a server with this data folder.</summary>
    public static IEnumerable<string> Settings(string data) =>
        Environment.GetEnvironmentVariable("TEST_STORAGE") == "postgresql" ? PostgreSql(data) : [];

    /// <summary>The same, whatever the environment says.</summary>
    public static IEnumerable<string> PostgreSql(string data)
    {
        var database = Databases.GetOrAdd(data, _ => new Lazy<string>(() => PostgreSqlServer.Shared.CreateDatabase()));
        return ["Storage:Provider=postgresql", $"Storage:ConnectionString={database.Value}"];
    }
}
