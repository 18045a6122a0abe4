namespace SessionCluster.Api.Hosting;

/// <summary>An Api that starts before any silo does waits for one, however long that takes.</summary>
internal sealed partial class ConnectionRetry(TimeProvider time, ILogger<ConnectionRetry> log) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How many tries are between two lines of the log.</summary>
    private const int ReportEvery = 60;

    private int _tries;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_tries++ % ReportEvery == 0)
        {
            LogNotConnected(exception.Message);
        }

        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(3201, LogLevel.Warning, "No silo can be reached yet; they are listed in the database of Storage:ConnectionString under Cluster:ClusterId. {Reason}", EventName = "NoSilo")]
    private partial void LogNotConnected(string reason);
}
