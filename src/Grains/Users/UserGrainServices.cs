namespace SessionCluster.Users;

/// <summary>What all user grains of a process work with. There are many grains: each holds this one object, not a field for each part.</summary>
public sealed record UserGrainServices(
    IEndedSessions Ended,
    IGeoLookup Geo,
    IIdSource Ids,
    IMembershipWatch Membership,
    TimeProvider Time,
    IOptions<SessionOptions> Sessions,
    IOptions<LeaseOptions> Leases,
    ILogger<UserGrain> Log)
{
    public SessionOptions SessionOptions { get; } = Sessions.Value;

    public LeaseOptions LeaseOptions { get; } = Leases.Value;

    /// <summary>L.</summary>
    public TimeSpan LeaseLength { get; } = Leases.Value.LeaseLength;

    /// <summary>F + L.</summary>
    public TimeSpan Bound { get; } = Leases.Value.Bound;
}
