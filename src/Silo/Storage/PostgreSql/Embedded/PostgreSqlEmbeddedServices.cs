using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SessionCluster.Silo.Storage;

/// <summary>Registers PostgreSQL as the storage of the embedded engine.</summary>
internal static class PostgreSqlEmbeddedServices
{
    /// <summary>
    /// Adds <see cref="IGrainStorage"/>, the <see cref="DataFolder"/> (unless it is registered already) and all that <see cref="PostgreSqlStorageServices.AddPostgreSqlRows"/> adds, with the
    /// database locked for this process alone. Add it before the engine: it is then stopped after it.
    /// </summary>
    public static IServiceCollection AddPostgreSqlStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddPostgreSqlRows(configuration, LockMode.Exclusive, EngineCallTimeout(configuration), "Engine:CallTimeout");
        services.TryAddSingleton(_ => DataFolder.Open(configuration));
        services.AddSingleton(provider => new PostgreSqlWriter(
            provider.GetRequiredService<PostgreSqlDatabase>(), provider.GetRequiredService<ILogger<PostgreSqlWriter>>()));
        services.AddSingleton<PostgreSqlReader>();
        services.AddSingleton<IStorageProbe>(provider => provider.GetRequiredService<PostgreSqlWriter>());
        services.AddSingleton<IGrainStorage>(provider => new RetriedReads(ActivatorUtilities.CreateInstance<PostgreSqlGrainStorage>(provider)));
        services.AddHostedService<PostgreSqlEngineStart>();
        return services;
    }

    private static TimeSpan EngineCallTimeout(IConfiguration configuration)
    {
        var engine = new EngineOptions();
        configuration.GetSection("Engine").Bind(engine);
        return engine.CallTimeout;
    }
}

/// <summary>Starts the writer and the reader once the database is there. They end with the host's services, after all that use them.</summary>
internal sealed class PostgreSqlEngineStart(PostgreSqlWriter writer, PostgreSqlReader reader) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await writer.Start();
        reader.Start();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
