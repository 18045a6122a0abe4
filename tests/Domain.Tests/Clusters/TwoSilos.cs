using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.TestingHost;
using SessionCluster.Silo.Hosting;
using SessionCluster.Silo.Membership;

namespace SessionCluster.Domain.Tests.Clusters;

/// <summary>
/// Two silos as the product puts them together on PostgreSQL, and a client, in this process. Only their connections and the list of the
/// members are Orleans' testing host's, which keeps both in memory.
/// </summary>
public sealed class TwoSilos : IDomainCluster
{
    private readonly TempFolder _folder = new();

    private InProcessTestCluster? _cluster;

    /// <summary>More settings of the silos.</summary>
    internal Dictionary<string, string?> More { get; init; } = [];

    public MovedTime Time { get; } = new();

    public IGrainFactory Grains => Cluster.Client;

    internal InProcessTestCluster Cluster => _cluster ?? throw new InvalidOperationException("There is no database.");

    public Task DeactivateAll() => Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    public async Task InitializeAsync()
    {
        if (PostgreSqlServer.WhyNot is not null)
        {
            return;
        }

        var settings = GeoFiles.Write(_folder);
        settings["Storage:Provider"] = "postgresql";
        settings["Storage:ConnectionString"] = PostgreSqlServer.Shared.CreateDatabase();
        settings["Cluster:AdvertisedAddress"] = "127.0.0.1";
        // Traces go from grain to grain only where there is a collector for them; nothing is sent from here.
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9";
        _cluster = new InProcessTestClusterBuilder(2)
            .ConfigureSiloHost((_, host) =>
            {
                host.Configuration.AddInMemoryCollection(settings.Concat(More));
                host.Services.AddSingleton<TimeProvider>(Time);
                SiloHost.AddParts(host);
                host.Services.AddSingleton(IDomainCluster.NoSender);
                host.Services.AddSingleton<IMemberTable, TestMemberTable>();
            })
            .ConfigureClient(client => client.AddActivityPropagation())
            .Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.StopAllSilosAsync();
            await _cluster.DisposeAsync();
        }

        _folder.Dispose();
    }
}

/// <summary>All tests that run on them and leave them as they are share one cluster.</summary>
[CollectionDefinition(Name)]
public sealed class OnTwoSilos : ICollectionFixture<TwoSilos>
{
    public const string Name = "two silos";
}
