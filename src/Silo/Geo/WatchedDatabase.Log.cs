namespace SessionCluster.Silo.Geo;

internal sealed partial class WatchedDatabase
{
    [LoggerMessage(5001, LogLevel.Information, "{Setting}: {Path} is in use (type {DatabaseType}, built {BuildDate:u})")]
    private static partial void LogLoaded(ILogger logger, string setting, string path, string databaseType, DateTime buildDate);

    [LoggerMessage(5002, LogLevel.Warning, "{Setting}: {Path} cannot be used, look-ups find nothing: {Reason}")]
    private static partial void LogUnusable(ILogger logger, string setting, string path, string reason);

    [LoggerMessage(5003, LogLevel.Warning, "{Setting}: {Path} cannot be used, the database loaded before stays in use: {Reason}")]
    private static partial void LogKept(ILogger logger, string setting, string path, string reason);

    [LoggerMessage(5004, LogLevel.Warning, "{Setting}: {Path} has a damaged record, which counts as none: {Reason}")]
    private static partial void LogDamage(ILogger logger, string setting, string path, string reason);
}
