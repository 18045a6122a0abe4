using SessionCluster.Testing;
using SessionCluster.Testing.PostgreSql;
using SessionCluster.Testing.Server;

namespace SessionCluster.Bench.Http;

/// <summary>Members of a cluster on a PostgreSQL of its own, and Apis beside them.</summary>
internal sealed class MeasuredCluster : IAsyncDisposable
{
    private readonly PostgreSqlServer _database = PostgreSqlServer.StartDurable();
    private readonly TempFolder _folder = new();
    private readonly List<ServerProcess> _all = [];

    private MeasuredCluster()
    {
    }

    /// <summary>The members, then the Apis.</summary>
    public IReadOnlyList<ServerProcess> All => _all;

    /// <summary>Starts it; returns when all serve and an ending has been answered without a wait for a membership that has just changed.</summary>
    public static async Task<MeasuredCluster> Start(int members, int apis, params IReadOnlyList<string> settings)
    {
        var cluster = new MeasuredCluster();
        var database = cluster._database.CreateDatabase();
        string[] shared = [.. TestStorage.SharedKeys(cluster._folder.Path), .. settings];
        for (var i = 0; i < members; i++)
        {
            var ports = TestPorts.Free(2);
            await cluster.Add("server", [.. TestStorage.Member(database, ports[0], ports[1]), .. shared]);
        }

        for (var i = 0; i < apis; i++)
        {
            await cluster.Add("api", [$"Storage:ConnectionString={database}", "Cluster:Drain=seconds=0", .. shared]);
        }

        // 2F + L of the default settings.
        await Task.Delay(TimeSpan.FromSeconds(17));
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_all))
        {
            await process.DisposeAsync();
        }

        _database.Dispose();
        _folder.Dispose();
    }

    private async Task Add(string program, IReadOnlyList<string> settings)
    {
        var process = await ServerProcess.Start(program, TestStorage.Key, settings);
        _all.Add(process);
        for (var i = 0; i < 300; i++)
        {
            using var answer = await process.Api.GetAsync(new Uri("/health/ready", UriKind.Relative));
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException("A process of the cluster did not become ready.");
    }
}
