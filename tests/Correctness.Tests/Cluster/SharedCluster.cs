using SessionCluster.Correctness.Tests.Load;

namespace SessionCluster.Correctness.Tests.Cluster;

/// <summary>Three members and an Api that the tests without faults share; their users are their own.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    private ProcessCluster? _cluster;

    /// <summary>A client of each process.</summary>
    internal IReadOnlyList<ApiClient> Apis { get; private set; } = [];

    public async Task InitializeAsync()
    {
        if (PostgreSqlServer.WhyNot is null)
        {
            _cluster = new ProcessCluster();
            ClusterProcess[] all = [_cluster.Member(), _cluster.Member(), _cluster.Member(), _cluster.Api()];
            await ProcessCluster.Start(all);
            Apis = [.. all.Select(process => ProcessCluster.Client(process))];
            await Settle();
        }
    }

    public Task DisposeAsync()
    {
        foreach (var api in Apis)
        {
            api.Dispose();
        }

        _cluster?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Endings wait for 2F + L after a change of the members, each for F + L. One that is answered has waited for most of that.</summary>
    private async Task Settle()
    {
        var recorder = new Recorder { Apis = Apis };
        await recorder.CreateStage();
        var login = await recorder.Login("settling");
        await recorder.Do(History.Act.RevokeToken, login.User, login.Session);
    }
}

/// <summary>The tests on a cluster run one after the other: each takes what the machine has.</summary>
[CollectionDefinition(nameof(SharedCluster))]
public sealed class SharedClusterCollection : ICollectionFixture<SharedCluster>;
