using Microsoft.Extensions.Options;
using SessionCluster.Api.Health;
using SessionCluster.Api.Hosting;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Silo.Geo;
using SessionCluster.Silo.Storage;
using SessionCluster.Silo.Sweeping;

namespace SessionCluster.Silo.Hosting;

/// <summary>One silo of the cluster: storage, grains, sweeper, GeoIP, and over HTTP nothing but its health and meters. The edge is another process.</summary>
public static class SiloHost
{
    /// <summary>F in a cluster, where a change of the membership can leave two activations of a grain for a while (docs/correctness.md).</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    /// <summary>Longest that a silo takes to leave: its grains end first, which may store a last use each.</summary>
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(45);

    /// <summary>Builds the server.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="replace">Registers services in place of the usual ones, as a clock for tests.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? replace = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var configuration = builder.Configuration;
        configuration.AddSecretFiles();
        ListenUrls.Apply(builder);

        // A failed start is told once, by the program itself.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // What they say at Information is for their own developers, and every statement of it.
        builder.Logging.AddFilter("Orleans", LogLevel.Warning);
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);

        replace?.Invoke(builder.Services);
        AddParts(builder);
        builder.Services.AddSingleton<IReadiness, SiloReadiness>();
        builder.Services.AddProcessRoutes(configuration);
        builder.Services.AddSingleton(provider => new Drain(TimeSpan.Zero, provider.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestStop);
        var app = builder.Build();
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        app.MapProcess();
        return app;
    }

    /// <summary>All but what the silo shows over HTTP: storage, GeoIP, grains, membership, sweeper.</summary>
    internal static void AddParts(IHostApplicationBuilder builder)
    {
        var (services, configuration) = (builder.Services, builder.Configuration);
        services.AddPostgreSqlRows(configuration, LockMode.Shared, CallTimeout(configuration), $"{ClusterSettings.Section}:{nameof(ClusterSettings.CallTimeout)}");
        services.AddGeoDatabases(configuration);
        // Before the section is bound, so that the setting wins.
        services.Configure<LeaseOptions>(options => options.Freshness = Freshness);
        services.AddSessionGrains(configuration);
        services.AddSiloSettings(configuration);
        builder.AddSilo();
        services.AddSweeper(configuration);
    }

    /// <summary>As the settings have it; what is wrong with them is told later, with all the rest.</summary>
    private static TimeSpan CallTimeout(IConfiguration configuration)
    {
        var settings = configuration.GetSection(ClusterSettings.Section).Get<ClusterSettings>() ?? new ClusterSettings();
        return DurationParser.TryParse(settings.CallTimeout, out var duration, out _) ? duration.Value : TimeSpan.MaxValue;
    }

    private static void AddSiloSettings(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(ClusterSettings.Section);
        services.AddSingleton<IValidateOptions<ClusterSettings>, ClusterSettingsValidator>();
        services.AddOptions<ClusterSettings>().Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiloSettings>, SiloSettingsValidator>();
        services.AddOptions<SiloSettings>().Bind(section).ValidateOnStart();
    }
}
