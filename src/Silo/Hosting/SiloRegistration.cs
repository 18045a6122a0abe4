using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;

namespace SessionCluster.Silo.Hosting;

/// <summary>Puts the Orleans silo into the server: alone over SQLite, or as a member of a cluster over PostgreSQL.</summary>
internal static class SiloRegistration
{
    private const string Invariant = "Npgsql";

    /// <summary>F in a cluster, where a change of the membership can leave two activations of a grain for a while (docs/correctness.md).</summary>
    private static readonly TimeSpan LedgerFreshness = TimeSpan.FromSeconds(5);

    /// <summary>Longest that a process takes to leave that nobody else can stand in for: requests are finished, then its grains end, which may store a last use each.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Registers a silo that is a cluster by itself. It listens on no port at all: nobody joins it, and nobody else on the machine can reach
    /// its grains past the API. The port that is a part of its name means nothing.
    /// </summary>
    public static void AddLoneSilo(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(provider => new Drain(TimeSpan.Zero, provider.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestStop);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(gatewayPort: 0);
            NoListener.UseFor(silo.Services);
            Configure(silo, builder.Configuration, SqliteOptions.Patience);
        });
    }

    /// <summary>Registers a member of a cluster over PostgreSQL, and what watches its membership.</summary>
    public static void AddMemberSilo(this IHostApplicationBuilder builder)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.AddSingleton<IValidateOptions<SiloSettings>, SiloSettingsValidator>();
        services.AddOptions<SiloSettings>().Bind(configuration.GetSection(ClusterSettings.Section)).PostConfigure(settings => FindAddress(settings, configuration)).ValidateOnStart();
        // The setting wins where there is one.
        services.AddOptions<LeaseOptions>().Configure(options => options.LedgerFreshness = configuration.GetValue("Leases:LedgerFreshness", LedgerFreshness));
        services.AddSingleton<MemberClock>();
        services.AddHostedService(provider => provider.GetRequiredService<MemberClock>());
        services.AddSingleton<IMemberTable, SiloMemberTable>();
        services.AddSingleton<MembershipWatch>();
        services.AddSingleton<IMembershipWatch>(provider => provider.GetRequiredService<MembershipWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<MembershipWatch>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, JoiningSign>();
        services.AddDrain();
        services.AddHostedService<SiloPorts>();
        var isDistributed = configuration[$"{ClusterSettings.Section}:{nameof(SiloSettings.Directory)}"] == SiloDirectory.Distributed;
        builder.UseOrleans(silo =>
        {
            silo.UseAdoNetClustering((OptionsBuilder<AdoNetClusteringSiloOptions> options) => options
                .Configure<NpgsqlDataSource>((o, database) => (o.Invariant, o.DataSource) = (Invariant, database)));
            silo.AddAdoNetGrainStorage(PlainStates.Inner, (OptionsBuilder<AdoNetGrainStorageOptions> options) => options
                .Configure<NpgsqlDataSource>((o, database) =>
                    (o.Invariant, o.DataSource, o.GrainStorageSerializer) = (Invariant, database, new PlainStateSerializer())));
            silo.Services.AddOptions<ClusterOptions>().Configure<IOptions<ClusterSettings>>((o, settings) =>
                (o.ClusterId, o.ServiceId) = (settings.Value.ClusterId, settings.Value.ServiceId));
            silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<SiloSettings>>(SetEndpoints);
            silo.Services.Configure<ClusterMembershipOptions>(DetectFailuresSoon);
            silo.Services.Replace(ServiceDescriptor.Singleton<IFatalErrorHandler, LostMembership>());
            Configure(silo, configuration, TimeSpan.Zero);
            if (isDistributed)
            {
#pragma warning disable ORLEANSEXP003 // Chosen by a setting whose text says that it is experimental.
                silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
            }
        });
        services.AddHostedService<OtherClusters>();
    }

    private static void Configure(ISiloBuilder silo, IConfiguration configuration, TimeSpan storage)
    {
        silo.Services.AddSingleton<IValidateOptions<ClusterSettings>>(provider => new CallTimeoutCheck(provider.GetRequiredService<IOptions<LeaseOptions>>(), storage));
        silo.Services.AddOptions<SiloMessagingOptions>().Configure<IOptions<ClusterSettings>>((o, settings) =>
            (o.ResponseTimeout, o.SystemResponseTimeout) = (settings.Value.CallTimeoutValue, settings.Value.CallTimeoutValue));
        SteadyCollection.UseFor(silo.Services);
        silo.Services.AddOptions<GrainCollectionOptions>().Configure<IOptions<LeaseOptions>, IOptions<ClusterSettings>>(SetCollectionAges);
        if (Telemetry.ExportsTraces(configuration))
        {
            silo.AddActivityPropagation();
        }
    }

    /// <summary>Orleans' own choice would be the smallest of all addresses, which may be that of a bridge that other hosts have, too.</summary>
    private static void FindAddress(SiloSettings settings, IConfiguration configuration)
    {
        if (settings.AdvertisedAddress.Length == 0)
        {
            settings.AdvertisedAddress = OwnAddress.Choose(
                OwnAddress.Candidates(), () => OwnAddress.Towards(configuration.GetSection(DatabaseSettings.Section).Get<DatabaseSettings>() ?? new()))?.ToString() ?? "";
        }
    }

    private static void SetEndpoints(EndpointOptions endpoints, IOptions<SiloSettings> settings)
    {
        endpoints.SiloPort = settings.Value.SiloPort;
        endpoints.GatewayPort = settings.Value.GatewayPort;
        endpoints.AdvertisedIPAddress = settings.Value.Address;
        if (!IPAddress.IsLoopback(settings.Value.Address))
        {
            // In a container the advertised address may be one that the host maps.
            var all = settings.Value.Address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
            endpoints.SiloListeningEndpoint = new(all, settings.Value.SiloPort);
            endpoints.GatewayListeningEndpoint = new(all, settings.Value.GatewayPort);
        }
    }

    /// <summary>
    /// Until a dead silo is declared dead, calls to its grains fail and endings wait F + L: so it is looked for every two seconds
    /// and not five. A killed one is declared dead after about six seconds. One that hangs with its connections open counts as alive for three
    /// times the longest probe after its last message: 12 seconds, where Orleans' own rule would give 24. Both are far above what a
    /// collection of garbage takes; a false alarm costs a silo's restart, never a wrong answer.
    /// </summary>
    private static void DetectFailuresSoon(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = TimeSpan.FromSeconds(2);
        options.MaxProbeTimeout = TimeSpan.FromSeconds(4);
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
    private static void SetCollectionAges(GrainCollectionOptions options, IOptions<LeaseOptions> leases, IOptions<ClusterSettings> cluster)
    {
        options.CollectionQuantum = TimeSpan.FromSeconds(15);
        // A session leaves memory, and stores its last use, within a minute of it: lists are no further behind.
        Set(typeof(SessionGrain), TimeSpan.FromSeconds(45));
        Set(typeof(UserGrain), TimeSpan.FromMinutes(2));
        Set(typeof(PlanGrain), TimeSpan.FromMinutes(2));
        Set(typeof(StageCatalogGrain), TimeSpan.FromHours(2));
        // A session that leaves takes its shares back, which waits for a lost edge as long as a lease is, and then stores its last use, which
        // takes less than a call.
        options.DeactivationTimeout = leases.Value.LeaseLength + cluster.Value.CallTimeoutValue;

        void Set(Type grain, TimeSpan age) => options.ClassSpecificCollectionAge[grain.FullName!] = age;
    }
}
