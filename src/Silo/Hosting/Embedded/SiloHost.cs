using Microsoft.Extensions.Options;
using SessionCluster.Api.Health;
using SessionCluster.Api.Hosting;
using SessionCluster.Silo.Geo;
using SessionCluster.Silo.Storage;
using SessionCluster.Silo.Sweeping;
using SessionCluster.Users;

namespace SessionCluster.Silo.Hosting;

/// <summary>Puts the whole product into one process: storage, engine, grains, sweeper, GeoIP and the HTTP edge.</summary>
public static class SiloHost
{
    private static readonly TimeSpan UserGrainAge = TimeSpan.FromMinutes(2);

    /// <summary>Builds the server.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="replace">Registers services in place of the usual ones, as a clock for tests.</param>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? replace = null)
    {
        // Settings files belong to the program, whatever the working directory; the data folder belongs to the working directory.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var configuration = builder.Configuration;
        configuration.AddSecretFiles();
        ListenUrls.Apply(builder);

        // A failed start is told once, by the program itself.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);

        replace?.Invoke(builder.Services);
        builder.Services.AddStorage(configuration);
        builder.Services.AddGeoDatabases(configuration);
        builder.Services.AddSessionGrains(configuration);
        builder.Services.AddEngine(configuration);
        builder.Services.AddSweeper(configuration);
        builder.Services.AddSingleton<IReadiness, SiloReadiness>();
        builder.Services.AddSessionApi(configuration);
        var app = builder.Build();
        // All settings first, so that every fault is told; then the lock on the data folder, before anything reads its keys.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        _ = app.Services.GetRequiredService<DataFolder>();
        app.MapSessionApi();
        return app;
    }

    private static void AddEngine(this IServiceCollection services, ConfigurationManager configuration) => services.AddEmbeddedEngine(options =>
        {
            configuration.GetSection("Engine").Bind(options);
            options.AddGrains(typeof(UserGrain).Assembly);
            // A user's grain serves logins, endings and leases. Sessions that nobody uses need none.
            options.SetIdleAge(typeof(UserGrain), UserGrainAge);
        });
}
