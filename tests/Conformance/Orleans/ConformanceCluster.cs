using System.Text.Json;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace SessionCluster.Conformance.Tests;

/// <summary>Two Orleans silos and a client in this process, over storage in memory.</summary>
public sealed class ConformanceCluster : IConformanceCluster
{
    private readonly InProcessTestCluster cluster = new InProcessTestClusterBuilder(2)
        .ConfigureSilo((_, silo) => silo
            .AddMemoryGrainStorageAsDefault(options => options.GrainStorageSerializer = new StateSerializer())
            .Configure<SiloMessagingOptions>(options => options.ResponseTimeout = IConformanceCluster.CallTimeout)
            .Configure<GrainCollectionOptions>(options =>
            {
                options.CollectionQuantum = IConformanceCluster.BriefIdleAge / 2;
                options.ClassSpecificCollectionAge[typeof(BriefGrain).FullName!] = IConformanceCluster.BriefIdleAge;
            }))
        .ConfigureClient(client => client
            .Configure<ClientMessagingOptions>(options => options.ResponseTimeout = IConformanceCluster.CallTimeout))
        .Build();

    public IGrainFactory Grains => cluster.Client;

    public Task DeactivateAll() => Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    public Task InitializeAsync() => cluster.DeployAsync();

    public async Task DisposeAsync()
    {
        await cluster.StopAllSilosAsync();
        await cluster.DisposeAsync();
    }

    /// <summary>States are JSON by System.Text.Json, as in production.</summary>
    private sealed class StateSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

        public T Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>()!;
    }
}
