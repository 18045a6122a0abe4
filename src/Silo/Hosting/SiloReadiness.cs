using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SessionCluster.Silo.Hosting;

/// <summary>Ready while every health check with the tag "ready" is well; the storage is one.</summary>
internal sealed class SiloReadiness(HealthCheckService checks) : IReadiness
{
    public async ValueTask<string?> WhyNotReady(CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(check => check.Tags.Contains("ready"), cancellationToken);
        var failed = report.Entries.FirstOrDefault(entry => entry.Value.Status != HealthStatus.Healthy);
        return failed.Key is null ? null : failed.Value.Description ?? $"{failed.Key} is not well.";
    }
}
