using Microsoft.Extensions.Logging;

namespace SessionCluster.Api.Hosting;

/// <summary>An Api that starts before any silo does waits for one, however long that takes.</summary>
internal sealed partial class ConnectionRetry(TimeProvider time, ILogger<ConnectionRetry> log) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        LogNotConnected(exception.Message);
        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(3201, LogLevel.Warning, "No silo can be reached yet: {Reason}", EventName = "NoSilo")]
    private partial void LogNotConnected(string reason);
}
