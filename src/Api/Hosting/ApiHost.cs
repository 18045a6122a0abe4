using Microsoft.AspNetCore.Builder;
using Orleans.Configuration;

namespace SessionCluster.Api.Hosting;

/// <summary>The HTTP edge as a process of its own: a client of the cluster. It keeps nothing; there may be any number.</summary>
public static class ApiHost
{
    /// <summary>How soon a silo that is gone is not connected to any more, and a new one is.</summary>
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(5);

    /// <summary>Builds the process.</summary>
    /// <param name="replace">Registers services in place of the usual ones, such as a clock for tests.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? replace = null)
    {
        var builder = NewBuilder(args, replace);
        var configuration = builder.Configuration;
        builder.Services.AddChecked<ClusterSettings>(configuration, ClusterSettings.Section);
        builder.Services.AddChecked<DatabaseSettings>(configuration, DatabaseSettings.Section);
        builder.Services.AddSessionApi(configuration);
        builder.Services.AddSingleton<IValidateOptions<TokenOptions>, SharedKeysValidator>();
        builder.Services.AddSingleton<IValidateOptions<ApiKeyOptions>, SharedKeysValidator>();
        builder.Services.AddSingleton<IReadiness, ClientReadiness>();
        builder.Services.AddDrain();
        builder.UseOrleansClient(client =>
        {
            AddClient(client);
            if (Telemetry.ExportsTraces(configuration))
            {
                client.AddActivityPropagation();
            }
        });
        var app = builder.Build();
        app.MapSessionApi();
        return app;
    }

    /// <summary>What every process of the product begins with: its settings, what its log says, and where it listens.</summary>
    /// <param name="replace">Registers services in place of the usual ones, such as a clock for tests.</param>
    public static WebApplicationBuilder NewBuilder(string[] args, Action<IServiceCollection>? replace)
    {
        // Settings files belong to the program, whatever the working directory; the data folder belongs to the working directory.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddDefaultLogLevels();
        builder.Services.MaskLines();
        builder.Configuration.AddSecretFiles();
        KnownSettings.Check(builder.Configuration);
        ListenUrls.Apply(builder);
        replace?.Invoke(builder.Services);
        return builder;
    }

    private static void AddClient(IClientBuilder client)
    {
        client.UseAdoNetClustering((OptionsBuilder<AdoNetClusteringClientOptions> options) => options
            .Configure<IOptions<DatabaseSettings>>((o, database) =>
            {
                o.Invariant = "Npgsql";
                var settings = database.Value.Read();
                // It reads the list of silos every few seconds, and nothing else.
                (settings.ApplicationName, settings.MinPoolSize, settings.MaxPoolSize) = ("session-cluster-api", 0, 2);
                o.ConnectionString = settings.ConnectionString;
            }));
        client.UseConnectionRetryFilter<ConnectionRetry>();
        client.Services.AddOptions<ClusterOptions>().Configure<IOptions<ClusterSettings>>((o, settings) =>
        {
            o.ClusterId = settings.Value.ClusterId;
            o.ServiceId = settings.Value.ServiceId;
        });
        client.Services.AddOptions<ClientMessagingOptions>()
            .Configure<IOptions<ClusterSettings>>((o, settings) => o.ResponseTimeout = settings.Value.EdgeTimeoutValue);
        client.Services.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = GatewayRefresh);
    }
}
