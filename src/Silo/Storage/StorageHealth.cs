using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// Readiness of the storage: a read answers, and the writer takes an empty write through its queue (no flush of the disk)
/// within <see cref="Patience"/>.
/// </summary>
internal sealed class StorageHealth(SqliteDatabase database, TimeProvider time) : IHealthCheck
{
    /// <summary>How long the writer may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await database.Points.Read(link => link.Prepared("SELECT max(number) FROM schema_script").Number())
                .WaitAsync(Patience, time, cancellationToken);
            await database.Writer.Write(static _ => true).WaitAsync(Patience, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The storage does not answer.", error);
        }
    }
}
