using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SessionCluster.Silo.Hosting;

/// <summary>Readiness of the silo: it is an active member by the shared table, and not about to leave.</summary>
internal sealed class MembershipHealth(IMembershipWatch membership, Drain drain) : IHealthCheck
{
    /// <summary>How old the knowledge may be.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (drain.HasBegun)
        {
            return HealthCheckResult.Unhealthy("The silo is about to leave.");
        }

        return await membership.WasMemberWithin(Freshness)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("The silo is no active member of the cluster.");
    }
}
