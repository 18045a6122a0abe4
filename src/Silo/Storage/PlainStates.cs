using System.Data.Common;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Orleans' own storage of plain states, whose failures are told as those of all storage are: callers hear that it is not available and
/// whether a write may have taken effect, and the log says so once a minute.
/// </summary>
internal sealed partial class PlainStates(
    [FromKeyedServices(PlainStates.Inner)] IGrainStorage inner, TimeProvider time, ILogger<PostgreSqlDatabase> log) : IGrainStorage
{
    /// <summary>The name under which Orleans' own storage is registered.</summary>
    public const string Inner = "adonet";

    /// <summary>A database that does not do what it is asked is reported this often.</summary>
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);

    private long? _reported;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Explained(inner.ReadStateAsync(stateName, grainId, grainState), isWrite: false);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Explained(inner.WriteStateAsync(stateName, grainId, grainState), isWrite: true);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Explained(inner.ClearStateAsync(stateName, grainId, grainState), isWrite: true);

    private async Task Explained(Task operation, bool isWrite)
    {
        try
        {
            await operation;
        }
        catch (Exception error) when (error is DbException or TimeoutException)
        {
            Report(error);
            throw isWrite && error is not PostgresException { InvariantSeverity: "ERROR" }
                ? new StorageUnavailableException("The storage (postgresql) failed in a write.", outcomeUnknown: true, error)
                : new StorageUnavailableException($"The storage (postgresql) {(isWrite ? "takes no writes; nothing was written" : "cannot be read")}.", outcomeUnknown: false, error);
        }
    }

    private void Report(Exception error)
    {
        if (_reported is not { } last || time.GetElapsedTime(last) >= ReportEvery)
        {
            _reported = time.GetTimestamp();
            LogFailed(error);
        }
    }

    [LoggerMessage(4131, LogLevel.Error, "The database does not read or write states; further failures are logged once a minute.")]
    private partial void LogFailed(Exception error);
}
