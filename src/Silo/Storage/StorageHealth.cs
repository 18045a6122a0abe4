using Microsoft.Extensions.Diagnostics.HealthChecks;
using SessionCluster.Api.Metrics;
using SessionCluster.Storage;

namespace SessionCluster.Silo.Storage;

/// <summary>What a storage offers to find out whether it works.</summary>
internal interface IStorageProbe
{
    /// <summary>Completes when a read has answered.</summary>
    Task Read();

    /// <summary>Completes when the writer has taken an empty write; fails when it takes none.</summary>
    Task Write();

    /// <summary>The bytes of the database, of its log and what is free on its disk; null for what a server has.</summary>
    Task<(long Database, long? Log, long? Free)> Sizes();
}

/// <summary>Measures how much is in the database.</summary>
internal sealed class MeasuredStorage(ISqlReads database, IStorageProbe storage, TimeProvider time) : IStorageLevels
{
    public async Task<StorageLevels> Read()
    {
        var live = await database.List(snapshot => snapshot.Number(
            database.Dialect.Text("SELECT count(*) FROM session WHERE expires > ?1"), UnixMicros.From(time.GetUtcNow())));
        var (size, log, free) = await storage.Sizes();
        return new StorageLevels(live, size, log, free);
    }
}

/// <summary>Readiness of the storage: a read answers, and the writer takes an empty write, each within <see cref="Patience"/>.</summary>
internal sealed class StorageHealth(IStorageProbe storage, TimeProvider time) : IHealthCheck
{
    /// <summary>How long each may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await storage.Read().WaitAsync(Patience, time, cancellationToken);
            await storage.Write().WaitAsync(Patience, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The storage does not answer.", error);
        }
    }
}
