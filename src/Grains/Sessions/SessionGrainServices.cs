namespace SessionCluster.Sessions;

/// <summary>What all session grains of a process work with. There are many grains: each holds this one object, not a field for each part.</summary>
public sealed record SessionGrainServices(
    IEndedSessions Ended, IGeoLookup Geo, IMembershipWatch Membership, TimeProvider Time, IOptions<LeaseOptions> Leases, ILogger<SessionGrain> Log,
    OwnEdge? OwnEdge = null)
{
    /// <summary>L.</summary>
    public TimeSpan LeaseLength { get; } = Leases.Value.LeaseLength;

    /// <summary>F.</summary>
    public TimeSpan LedgerFreshness { get; } = Leases.Value.LedgerFreshness;

    /// <summary>F + L.</summary>
    public TimeSpan Bound { get; } = Leases.Value.Bound;
}
