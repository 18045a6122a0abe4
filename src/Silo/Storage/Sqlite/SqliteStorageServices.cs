using Microsoft.Extensions.DependencyInjection.Extensions;
using SessionCluster.Events;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;

namespace SessionCluster.Silo.Storage;

/// <summary>Registers the SQLite storage.</summary>
public static class SqliteStorageServices
{
    /// <summary>
    /// Adds <see cref="IGrainStorage"/>, <see cref="ISessionRows"/>, <see cref="IEventRows"/>, <see cref="IPlanRows"/>, the <see cref="DataFolder"/>
    /// (unless it is registered already), the health check "storage" (tag "ready"), and a hosted service that opens the
    /// database at start, so that what is wrong stops the start. Add it before the engine: it is then stopped after it.
    /// </summary>
    public static IServiceCollection AddSqliteStorage(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        var options = configuration.GetSection(SqliteOptions.Section).Get<SqliteOptions>() ?? new SqliteOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => DataFolder.Open(configuration));
        services.AddSingleton(provider => SqliteDatabase.Open(
            provider.GetRequiredService<DataFolder>(),
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SqliteDatabase>>()));
        services.AddSingleton<IStorageProbe>(provider => provider.GetRequiredService<SqliteDatabase>());
        services.AddSingleton<IGrainStorage, SqliteGrainStorage>();
        services.AddSingleton<ISessionRows, SqliteSessionRows>();
        services.AddSingleton<IEventRows, SqliteEventRows>();
        services.AddSingleton<IPlanRows, SqlitePlanRows>();
        services.AddHostedService<SqliteStart>();
        services.AddHealthChecks().AddCheck<StorageHealth>("storage", tags: ["ready"]);
        return services;
    }
}

/// <summary>Opens the database when the host starts. It is closed with the host's services, after everything that writes.</summary>
internal sealed partial class SqliteStart(SqliteDatabase database, DataFolder folder, ILogger<SqliteStart> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        LogOpened(log, folder.Path);
        if (folder.OpenToOthers)
        {
            LogOpenToOthers(log, folder.Path);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(4011, LogLevel.Information, "The database in {Folder} is open.")]
    private static partial void LogOpened(ILogger logger, string folder);

    [LoggerMessage(4012, LogLevel.Warning, "Other users of this machine can enter the data folder {Folder}; mode 0700 keeps them out.")]
    private static partial void LogOpenToOthers(ILogger logger, string folder);
}
