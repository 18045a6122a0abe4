namespace SessionCluster.Users;

public sealed partial class UserGrain
{
    [LoggerMessage(1001, LogLevel.Information, "Ledger of user {User} was written by another activation; deciding again (attempt {Attempt}).", EventName = "LedgerConflict")]
    private static partial void LogConflict(ILogger log, Exception exception, UserId user, int attempt);

    [LoggerMessage(1002, LogLevel.Error, "Writing revision {Revision} of the ledger of user {User} failed; its outcome is unknown.", EventName = "LedgerWriteFailed")]
    private static partial void LogWriteFailed(ILogger log, Exception exception, UserId user, long revision);
}
