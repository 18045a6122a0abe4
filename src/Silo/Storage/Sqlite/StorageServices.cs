namespace SessionCluster.Silo.Storage;

/// <summary>Registers the storage that the settings choose for the embedded engine.</summary>
internal static class StorageServices
{
    /// <summary>The setting that chooses.</summary>
    public const string Setting = "Storage:Provider";

    /// <exception cref="StorageStartException">A setting is wrong; the message names it.</exception>
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration) => configuration[Setting] switch
    {
        null or "" or "sqlite" => services.AddSqliteStorage(configuration),
        "postgresql" => services.AddPostgreSqlStorage(configuration),
        var other => throw new StorageStartException($"{Setting} is '{other}'; it must be sqlite or postgresql."),
    };
}
