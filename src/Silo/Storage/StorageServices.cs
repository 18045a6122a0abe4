using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SessionCluster.Silo.Storage;

/// <summary>Which database a process keeps its rows in; setting <c>Storage:Provider</c>.</summary>
internal enum StorageProvider
{
    /// <summary>A file in the data folder, for one process.</summary>
    Sqlite = 0,

    /// <summary>A PostgreSQL database, for a cluster of any number of processes.</summary>
    PostgreSql = 1,
}

/// <summary>Registers the storage that the settings choose.</summary>
internal static class StorageServices
{
    public const string Setting = "Storage:Provider";

    /// <summary>The storage name that the states of users and sessions ask for.</summary>
    public const string SessionStorage = "sessions";

    /// <summary>The storage name that all other states ask for.</summary>
    public const string PlainStorage = "states";

    /// <exception cref="StorageStartException">The setting is neither; the message names it.</exception>
    public static StorageProvider ProviderOf(IConfiguration configuration) => configuration[Setting] switch
    {
        null or "" or "sqlite" => StorageProvider.Sqlite,
        "postgresql" => StorageProvider.PostgreSql,
        var other => throw new StorageStartException($"{Setting} is '{other}'; it must be sqlite or postgresql."),
    };

    /// <summary>
    /// Adds the SQLite storage: the states of all grains, the rows for lists and the sweeper, and the <see cref="DataFolder"/> (unless it is
    /// registered already).
    /// </summary>
    /// <exception cref="StorageStartException">Settings say where a PostgreSQL database is: to keep sessions elsewhere in silence is not what was meant.</exception>
    public static IServiceCollection AddSqliteStorage(this IServiceCollection services, IConfiguration configuration)
    {
        foreach (var name in (string[])[nameof(DatabaseSettings.ConnectionString), nameof(DatabaseSettings.ConnectionStringFile), nameof(DatabaseSettings.PasswordFile)])
        {
            if (!string.IsNullOrEmpty(configuration[$"{DatabaseSettings.Section}:{name}"]))
            {
                throw new StorageStartException(
                    $"{DatabaseSettings.Section}:{name} is set, but {Setting} is sqlite; set {Setting} to postgresql, or remove {DatabaseSettings.Section}:{name}.");
            }
        }

        services.AddChecked<SqliteOptions>(configuration, SqliteOptions.Section);
        services.TryAddSingleton(_ => DataFolder.Open(configuration));
        services.AddSingleton(provider => SqliteDatabase.Open(
            provider.GetRequiredService<DataFolder>(),
            provider.GetRequiredService<IOptions<SqliteOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SqliteDatabase>>()));
        services.AddHostedService(provider => provider.GetRequiredService<SqliteDatabase>());
        services.AddKeyedSingleton<IGrainStorage>(PlainStorage, (provider, _) => provider.GetRequiredKeyedService<IGrainStorage>(SessionStorage));
        return services.AddRows<SqliteDatabase>();
    }

    /// <summary>
    /// Adds the PostgreSQL storage: the states of users and sessions, the rows for lists and the sweeper, and the
    /// <see cref="NpgsqlDataSource"/>. All other states are Orleans' own provider's, which the silo registers as
    /// <see cref="PlainStates.Inner"/>.
    /// </summary>
    public static IServiceCollection AddPostgreSqlStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<PostgreSqlOptions>(
            options =>
            {
                configuration.GetSection(PostgreSqlOptions.Section).Bind(options);
                configuration.GetSection(DatabaseSettings.Section).Bind(options.Database);
                options.CallTimeout = ClusterSettings.CallTimeoutOf(configuration);
            },
            PostgreSqlOptions.Section);
        services.AddSingleton(provider => PostgreSqlSource.Make(provider.GetRequiredService<IOptions<PostgreSqlOptions>>().Value, provider.GetService<ILoggerFactory>()));
        services.AddSingleton(provider => new PostgreSqlDatabase(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<IOptions<PostgreSqlOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PostgreSqlDatabase>>()));
        services.AddHostedService(provider => provider.GetRequiredService<PostgreSqlDatabase>());
        services.AddKeyedSingleton<IGrainStorage, PlainStates>(PlainStorage);
        return services.AddRows<PostgreSqlDatabase>();
    }

    private static IServiceCollection AddRows<TDatabase>(this IServiceCollection services)
        where TDatabase : class, IDatabase
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IDatabase>(provider => provider.GetRequiredService<TDatabase>());
        services.AddSingleton<IStorageProbe>(provider => provider.GetRequiredService<TDatabase>());
        services.AddKeyedSingleton<IGrainStorage>(SessionStorage, (provider, _) => ActivatorUtilities.CreateInstance<GroupingGrainStorage>(provider));
        services.AddSingleton<SessionRows>();
        services.AddSingleton<IEndedSessions>(provider => provider.GetRequiredService<SessionRows>());
        services.AddSingleton<ISessionLists>(provider => provider.GetRequiredService<SessionRows>());
        services.AddSingleton<IStorageLevels, MeasuredStorage>();
        services.AddSingleton<IEventRows, EventRows>();
        services.AddSingleton<SweptRows>();
        return services;
    }
}
