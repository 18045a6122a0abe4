namespace SessionCluster.Alerts;

public sealed partial class AlertDeliveryGrain
{
    [LoggerMessage(1201, LogLevel.Error, "Delivery by the transport {Transport} failed; it goes on, and says nothing until it goes well.", EventName = "AlertDeliveryFailed")]
    private static partial void LogFailed(ILogger log, Exception failure, Guid transport);

    [LoggerMessage(
        1202, LogLevel.Error,
        "The transport {Transport} follows the event log from its end: events behind its place have been deleted, or the log is another one.", EventName = "AlertPlaceLost")]
    private static partial void LogGone(ILogger log, Guid transport);
}
