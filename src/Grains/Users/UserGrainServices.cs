using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionCluster.Geo;
using SessionCluster.Sessions;

namespace SessionCluster.Users;

/// <summary>What all user grains of a process work with. There are many grains: each holds this one object, not a field for each part.</summary>
public sealed class UserGrainServices(
    IEndedSessions ended,
    IGeoLookup geo,
    IIdSource ids,
    IMembershipWatch membership,
    TimeProvider time,
    IOptions<SessionOptions> sessionOptions,
    IOptions<LeaseOptions> leaseOptions,
    ILogger<UserGrain> log)
{
    public IEndedSessions Ended { get; } = ended;

    public IGeoLookup Geo { get; } = geo;

    public IIdSource Ids { get; } = ids;

    public IMembershipWatch Membership { get; } = membership;

    public TimeProvider Time { get; } = time;

    public SessionOptions SessionOptions { get; } = sessionOptions.Value;

    public LeaseOptions LeaseOptions { get; } = leaseOptions.Value;

    /// <summary>How leases are counted.</summary>
    public LeaseBounds Leases { get; } = new(
        time, leaseOptions.Value.LeaseLength, leaseOptions.Value.LedgerFreshness + leaseOptions.Value.LeaseLength, leaseOptions.Value.MaxUnknownTold, membership);

    public ILogger Log { get; } = log;
}
