using System.Net;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using SessionCluster.Api.Hosting;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Silo.Membership;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Hosting;

/// <summary>Puts the Orleans silo into the server.</summary>
internal static class SiloRegistration
{
    /// <summary>The storage name that the grains' states ask for.</summary>
    private const string StorageName = "sessions";

    /// <summary>The same without its retries.</summary>
    private const string InnerStorageName = "postgresql";

    private const string Invariant = "Npgsql";

    /// <summary>Registers the silo over PostgreSQL, and what watches its membership.</summary>
    public static void AddSilo(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IMemberTable, SiloMemberTable>();
        services.AddSingleton<MembershipWatch>();
        services.AddSingleton<IMembershipWatch>(provider => provider.GetRequiredService<MembershipWatch>());
        // Before the silo: it answers from the first turn of a grain to the last.
        services.AddHostedService(provider => provider.GetRequiredService<MembershipWatch>());
        services.AddHostedService<JoiningSign>();
        services.AddHealthChecks().AddCheck<MembershipHealth>("membership", tags: ["ready"]);
        var isDistributed = builder.Configuration[$"{ClusterSettings.Section}:{nameof(SiloSettings.Directory)}"] == SiloDirectory.Distributed;
        builder.UseOrleans(silo =>
        {
            AddProviders(silo);
            Configure(silo.Services);
            silo.AddActivityPropagation();
            if (isDistributed)
            {
#pragma warning disable ORLEANSEXP003 // Chosen by a setting whose text says that it is experimental.
                silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
            }
        });
    }

    private static void AddProviders(ISiloBuilder silo)
    {
        silo.UseAdoNetClustering((OptionsBuilder<AdoNetClusteringSiloOptions> options) => options
            .Configure<NpgsqlDataSource>((o, database) =>
            {
                o.Invariant = Invariant;
                o.DataSource = database;
            }));
        silo.AddAdoNetGrainStorage(InnerStorageName, (OptionsBuilder<AdoNetGrainStorageOptions> options) => options
            .Configure<NpgsqlDataSource>((o, database) =>
            {
                o.Invariant = Invariant;
                o.DataSource = database;
                o.GrainStorageSerializer = new StateSerializer();
            }));
        silo.Services.AddKeyedSingleton<IGrainStorage>(
            StorageName, (provider, _) => new RetriedReads(provider.GetRequiredKeyedService<IGrainStorage>(InnerStorageName)));
    }

    private static void Configure(IServiceCollection services)
    {
        services.AddOptions<ClusterOptions>().Configure<IOptions<ClusterSettings>>((o, settings) =>
        {
            o.ClusterId = settings.Value.ClusterId;
            o.ServiceId = settings.Value.ServiceId;
        });
        services.AddOptions<SiloMessagingOptions>().Configure<IOptions<ClusterSettings>>((o, settings) =>
        {
            o.ResponseTimeout = settings.Value.CallTimeoutValue;
            o.SystemResponseTimeout = settings.Value.CallTimeoutValue;
        });
        services.AddOptions<EndpointOptions>().Configure<IOptions<SiloSettings>>(SetEndpoints);
        services.Configure<ClusterMembershipOptions>(DetectFailuresSoon);
        services.Configure<GrainCollectionOptions>(SetCollectionAges);
    }

    private static void SetEndpoints(EndpointOptions endpoints, IOptions<SiloSettings> settings)
    {
        endpoints.SiloPort = settings.Value.SiloPort;
        endpoints.GatewayPort = settings.Value.GatewayPort;
        if (settings.Value.Address is { } address)
        {
            endpoints.AdvertisedIPAddress = address;
        }

        if (settings.Value.Address is not { } own || !IPAddress.IsLoopback(own))
        {
            // In a container the advertised address may be one that the host maps.
            endpoints.SiloListeningEndpoint = new(IPAddress.Any, settings.Value.SiloPort);
            endpoints.GatewayListeningEndpoint = new(IPAddress.Any, settings.Value.GatewayPort);
        }
    }

    /// <summary>
    /// Until a dead silo is declared dead, calls to its grains fail and endings wait F + L: so it is looked for every two seconds
    /// and not five. Three misses are about six seconds, far above what a collection of garbage takes; a false alarm costs a silo's
    /// restart, never a wrong answer.
    /// </summary>
    private static void DetectFailuresSoon(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = TimeSpan.FromSeconds(2);
        options.NumMissedProbesLimit = 3;
        // A silo that died before it could say so leaves a row that still says active. It counts as stale after three of these, which
        // matters when no other is left to declare it dead.
        options.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(3);
        // Gossip spreads a change at once; the table tells those whom it did not reach.
        options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        options.DefunctSiloExpiration = TimeSpan.FromDays(1);
    }

    /// <summary>
    /// How long a grain stays in memory without a call. A session costs a read of its row to come back, a user one of all their
    /// sessions, and sessions ask their user every few seconds while they are used; a plan is over after 15 minutes and used within one.
    /// </summary>
    private static void SetCollectionAges(GrainCollectionOptions options)
    {
        options.CollectionQuantum = TimeSpan.FromSeconds(30);
        Set(typeof(SessionGrain), TimeSpan.FromMinutes(10));
        Set(typeof(UserGrain), TimeSpan.FromMinutes(15));
        Set(typeof(PlanGrain), TimeSpan.FromMinutes(2));
        Set(typeof(StageCatalogGrain), TimeSpan.FromHours(2));
        // Storage answers or fails within its own timeout; what takes longer at the end of a grain is given up, so that a stop is bounded.
        options.DeactivationTimeout = TimeSpan.FromSeconds(15);

        void Set(Type grain, TimeSpan age) => options.ClassSpecificCollectionAge[grain.FullName!] = age;
    }
}
