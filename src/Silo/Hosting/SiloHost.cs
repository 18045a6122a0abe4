using SessionCluster.Silo.Alerts;
using SessionCluster.Silo.Geo;
using SessionCluster.Silo.Sweeping;

namespace SessionCluster.Silo.Hosting;

/// <summary>
/// Puts the whole product into one process: an Orleans silo with storage, grains, sweeper and GeoIP, and the HTTP API in it. On SQLite the
/// silo is alone; on PostgreSQL it is a member of a cluster of any number of such processes.
/// </summary>
public static class SiloHost
{
    /// <summary>The setting that leaves out the API: the process then serves health and meters over HTTP, and nothing else.</summary>
    public const string ApiSetting = "Http:Api";

    /// <summary>Builds the server.</summary>
    /// <param name="replace">Registers services in place of the usual ones, such as a clock for tests.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? replace = null)
    {
        var builder = ApiHost.NewBuilder(args, replace);
        var (services, configuration) = (builder.Services, builder.Configuration);
        AddParts(builder);
        services.AddSingleton<IReadiness, SiloReadiness>();
        services.AddSingleton(new FirstCounts(SessionMetrics.ShowAll));
        var hasApi = configuration.GetValue(ApiSetting, true);
        if (hasApi)
        {
            services.AddSessionApi(configuration);
        }
        else
        {
            services.AddProcessRoutes(configuration);
            services.AddLinks(configuration);
        }

        var app = builder.Build();
        // All settings first, so that every fault is told; then the lock on the data folder, before anything reads its keys.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        _ = app.Services.GetService<DataFolder>();
        if (hasApi)
        {
            app.MapSessionApi();
        }
        else
        {
            app.MapProcess();
        }

        return app;
    }

    /// <summary>All but what the process shows over HTTP: storage, GeoIP, grains, silo, sweeper.</summary>
    internal static void AddParts(IHostApplicationBuilder builder)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.AddGeoDatabases(configuration);
        services.AddSessionGrains(configuration);
        services.AddChecked<ClusterSettings>(configuration, ClusterSettings.Section);
        if (StorageServices.ProviderOf(configuration) == StorageProvider.Sqlite)
        {
            services.AddSqliteStorage(configuration);
            builder.AddLoneSilo();
        }
        else
        {
            services.AddPostgreSqlStorage(configuration);
            builder.AddMemberSilo();
        }

        services.AddSweeper(configuration);
        services.AddAlertDelivery(configuration);
    }
}
