namespace SessionCluster.Silo.Storage;

internal sealed partial class SqliteWriter
{
    [LoggerMessage(4001, LogLevel.Warning, "A write failed in a group of {Count}, each is run alone: {Problem}")]
    private static partial void LogGroupSplit(ILogger logger, int count, string problem);

    [LoggerMessage(4002, LogLevel.Error, "The commit of {Count} writes failed.")]
    private static partial void LogCommitFailed(ILogger logger, int count, Exception error);

    [LoggerMessage(4003, LogLevel.Error, "The database does not take writes (attempt {Attempt}); writes wait: {Problem}")]
    private static partial void LogSettleFailed(ILogger logger, int attempt, string problem);

    [LoggerMessage(4004, LogLevel.Information, "The database takes writes again (attempt {Attempt}).")]
    private static partial void LogSettled(ILogger logger, int attempt);

    [LoggerMessage(4005, LogLevel.Error, "A rollback failed; it is tried again before the next transaction.")]
    private static partial void LogRollbackFailed(ILogger logger, Exception error);
}
