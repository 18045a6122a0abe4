namespace SessionCluster.Silo.Hosting;

/// <summary>
/// What a silo does that can no longer be a member, such as one that the others have dropped because it did not answer: it ends its process at
/// once, to be started again. Orleans' own way would go on serving for two seconds, and leave an image of the memory with its keys.
/// </summary>
internal sealed partial class LostMembership(ILogger<LostMembership> log) : IFatalErrorHandler
{
    /// <summary>How long the log has to be written.</summary>
    private static readonly TimeSpan Flush = TimeSpan.FromMilliseconds(100);

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        LogLost(exception, context);
#pragma warning disable RS0030 // Nothing is to go on meanwhile in this thread, which is Orleans'.
        Thread.Sleep(Flush);
#pragma warning restore RS0030
        Environment.Exit(1);
    }

    [LoggerMessage(4161, LogLevel.Critical, "This silo is not a member of the cluster any more; the process ends and has to be started again. {Context}", EventName = "LostMembership")]
    private partial void LogLost(Exception? exception, string? context);
}
