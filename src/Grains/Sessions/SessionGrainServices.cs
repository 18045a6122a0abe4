using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionCluster.Geo;

namespace SessionCluster.Sessions;

/// <summary>What all session grains of a process work with. There are many grains: each holds this one object, not a field for each part.</summary>
public sealed class SessionGrainServices(
    IEndedSessions ended, IGeoLookup geo, IMembershipWatch membership, TimeProvider time, IOptions<LeaseOptions> leases, ILogger<SessionGrain> log)
{
    public IEndedSessions Ended { get; } = ended;

    public IGeoLookup Geo { get; } = geo;

    public IMembershipWatch Membership { get; } = membership;

    public TimeProvider Time { get; } = time;

    /// <summary>L.</summary>
    public TimeSpan LeaseLength { get; } = leases.Value.LeaseLength;

    /// <summary>F.</summary>
    public TimeSpan LedgerFreshness { get; } = leases.Value.LedgerFreshness;

    public ILogger Log { get; } = log;
}
