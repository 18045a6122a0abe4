namespace SessionCluster.Sessions;

public sealed partial class SessionGrain
{
    [LoggerMessage(1101, LogLevel.Information, "The last use of session {Session} was not stored; its row is read again.", EventName = "LastUseNotStored")]
    private static partial void LogNotStored(ILogger log, Exception exception, SessionId session);
}
