using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace SessionCluster.Conformance.Tests.Silos;

/// <summary>Two Orleans silos and a client in this process, over storage in memory. One cluster serves the whole suite.</summary>
public sealed class SiloCluster : IConformanceCluster, IRuntime, IAsyncLifetime
{
    /// <summary>How long a <see cref="BriefGrain"/> lives on without a call; looked for every half of it.</summary>
    private static readonly TimeSpan BriefIdleAge = TimeSpan.FromSeconds(2);

    private readonly InProcessTestCluster _cluster;

    public SiloCluster() => _cluster = new InProcessTestClusterBuilder(2)
        .ConfigureSilo((_, silo) => silo
            .AddMemoryGrainStorageAsDefault(options => options.GrainStorageSerializer = new StateSerializer())
            .Configure<SiloMessagingOptions>(options => options.ResponseTimeout = IConformanceCluster.CallTimeout)
            .Configure<GrainCollectionOptions>(options =>
            {
                options.CollectionQuantum = BriefIdleAge / 2;
                options.DeactivationTimeout = TimeSpan.FromSeconds(5);
                options.ClassSpecificCollectionAge[typeof(BriefGrain).FullName!] = BriefIdleAge;
            })
            .Services.AddSingleton(Signals))
        .ConfigureClient(client => client
            .Configure<ClientMessagingOptions>(options => options.ResponseTimeout = IConformanceCluster.CallTimeout))
        .Build();

    public IGrainFactory Grains => _cluster.Client;

    public IGrainFactory InSilo => _cluster.GetSiloServiceProvider(_cluster.Silos[0].SiloAddress).GetRequiredService<IGrainFactory>();

    public Signals Signals { get; } = new(TimeProvider.System, TaskCreationOptions.RunContinuationsAsynchronously);

    public TimeProvider Time => TimeProvider.System;

    public Task Run(Func<IConformanceCluster, Task> test)
    {
        ArgumentNullException.ThrowIfNull(test);
        return test(this);
    }

    public Task DeactivateAll() => Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    public async Task RestartClient()
    {
        await _cluster.KillClientAsync();
        await _cluster.InitializeClientAsync();
    }

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }

    /// <summary>States are JSON by System.Text.Json, as in production.</summary>
    private sealed class StateSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

        public T Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>()!;
    }
}
