using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.TestingHost;
using SessionCluster.Silo.Hosting;
using SessionCluster.Silo.Membership;
using SessionCluster.Tests.PostgreSql;

namespace SessionCluster.Domain.Tests;

/// <summary>Two silos as the product puts them together, and a client, in this process on PostgreSQL; the members are listed in memory.</summary>
public sealed class DomainCluster : IDomainCluster
{
    private readonly TempFolder _folder = new();
    private InProcessTestCluster _cluster = null!;

    public MovedTime Time { get; } = new();

    public IGrainFactory Grains => _cluster.Client;

    internal InProcessTestCluster Silos => _cluster;

    public Task DeactivateAll() => Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    public async Task InitializeAsync()
    {
        if (PostgreSqlServer.WhyNot is not null)
        {
            return;
        }

        var settings = GeoFiles.Write(_folder);
        settings["Storage:ConnectionString"] = PostgreSqlServer.Shared.CreateDatabase();
        settings["Cluster:AdvertisedAddress"] = "127.0.0.1";
        _cluster = new InProcessTestClusterBuilder(2)
            .ConfigureSiloHost((_, host) =>
            {
                host.Configuration.AddInMemoryCollection(settings);
                host.Services.AddSingleton<TimeProvider>(Time);
                SiloHost.AddParts(host);
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

/// <summary>The members by the testing host's own table, which stands for the one in the database.</summary>
internal sealed class TestMemberTable(IMembershipTable table, ILocalSiloDetails silo, IClusterMembershipService membership) : IMemberTable
{
    public long KnownVersion => membership.CurrentSnapshot.Version.Value;

    public async Task<MemberRead> Read(CancellationToken cancellationToken)
    {
        var all = await table.ReadAll().WaitAsync(cancellationToken);
        return new MemberRead(all.Version.Version, all.TryGet(silo.SiloAddress)?.Item1.Status == SiloStatus.Active);
    }

    public void LearnOf(long version) => _ = membership.Refresh(new MembershipVersion(version)).AsTask();
}

/// <summary>Runs on the cluster where there is a database.</summary>
public sealed class DomainFactAttribute : FactAttribute
{
    public DomainFactAttribute() => Skip = PostgreSqlServer.WhyNot;
}

/// <summary>Runs on the cluster where there is a database.</summary>
public sealed class DomainTheoryAttribute : TheoryAttribute
{
    public DomainTheoryAttribute() => Skip = PostgreSqlServer.WhyNot;
}
