namespace SessionCluster.Silo.Storage;

internal sealed partial class WriteLane
{
    [LoggerMessage(4111, LogLevel.Warning, "A write failed in a group of {Count}, which is tried again in parts: {Problem}")]
    private static partial void LogGroupSplit(ILogger logger, int count, string problem);

    [LoggerMessage(4112, LogLevel.Error, "The connection was lost in the transaction of {Count} writes.")]
    private static partial void LogConnectionLost(ILogger logger, int count, Exception error);

    [LoggerMessage(4113, LogLevel.Error, "The database does not take writes (attempt {Attempt}); writes wait: {Problem}")]
    private static partial void LogSettleFailed(ILogger logger, int attempt, string problem);

    [LoggerMessage(4114, LogLevel.Information, "The database takes writes again (attempt {Attempt}); the last transaction took effect: {TookEffect}.")]
    private static partial void LogSettled(ILogger logger, int attempt, bool tookEffect);
}
