using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using SessionCluster.Events;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;

namespace SessionCluster.Silo.Storage;

/// <summary>Registers what both engines use of PostgreSQL.</summary>
internal static class PostgreSqlStorageServices
{
    /// <summary>
    /// Adds the <see cref="NpgsqlDataSource"/>, <see cref="ISessionRows"/>, <see cref="IEventRows"/>, <see cref="IPlanRows"/>, the
    /// health check "storage" (tag "ready"), which asks an <see cref="IStorageProbe"/>, and a hosted service that takes the lock
    /// and brings the schema up to date, so that what is wrong stops the start. It has to start before whatever reads the schema.
    /// </summary>
    /// <param name="services">Where to.</param>
    /// <param name="configuration">The settings.</param>
    /// <param name="mode">How this process uses the database.</param>
    /// <param name="callTimeout">How long a grain's caller waits, which storage has to be quicker than.</param>
    /// <param name="callSetting">The setting of that.</param>
    /// <exception cref="StorageStartException">A setting is wrong; the message names it.</exception>
    public static IServiceCollection AddPostgreSqlRows(
        this IServiceCollection services, IConfiguration configuration, LockMode mode, TimeSpan callTimeout, string callSetting)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        var options = PostgreSqlOptions.From(configuration);
        if (options.Problem(callTimeout, callSetting) is { } problem)
        {
            throw new StorageStartException(problem);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => PostgreSqlSource.Make(options, provider.GetService<ILoggerFactory>()));
        services.AddSingleton(provider => new PostgreSqlDatabase(
            provider.GetRequiredService<NpgsqlDataSource>(),
            mode,
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PostgreSqlDatabase>>()));
        services.TryAddSingleton<IStorageProbe, PostgreSqlProbe>();
        services.AddSingleton<ISessionRows, PostgreSqlSessionRows>();
        services.AddSingleton<IEventRows, PostgreSqlEventRows>();
        services.AddSingleton<IPlanRows, PostgreSqlPlanRows>();
        services.AddHostedService<PostgreSqlStart>();
        services.AddHealthChecks().AddCheck<StorageHealth>("storage", tags: ["ready"]);
        return services;
    }
}

/// <summary>A silo's storage works while the database answers and the lock is held; Orleans' provider keeps no queue.</summary>
internal sealed class PostgreSqlProbe(PostgreSqlDatabase database) : IStorageProbe
{
    public Task Read() => database.Source.Command("SELECT 1").Value<int>();

    public Task Write() => database.Lock.Held ? Task.CompletedTask : throw new IOException("The lock on the database is not held.");
}

/// <summary>Opens the database when the host starts, and stops the host when the lock on it is lost.</summary>
internal sealed partial class PostgreSqlStart(
    PostgreSqlDatabase database, IHostApplicationLifetime host, ILogger<PostgreSqlStart> log) : IHostedService
{
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await database.Start();
        _ = StopWhenLost();
        LogOpened(log, new NpgsqlConnectionStringBuilder(database.Source.ConnectionString).Database);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stopped.TrySetResult();
        return Task.CompletedTask;
    }

    private async Task StopWhenLost()
    {
        if (await Task.WhenAny(database.Lock.Lost, _stopped.Task) == database.Lock.Lost)
        {
            // A supervisor starts a failed process again, which then waits for the lock.
            Environment.ExitCode = 1;
            host.StopApplication();
        }
    }

    [LoggerMessage(4121, LogLevel.Information, "The database {Database} is open.")]
    private static partial void LogOpened(ILogger logger, string? database);
}
