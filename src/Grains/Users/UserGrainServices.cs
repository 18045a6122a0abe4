namespace SessionCluster.Users;

/// <summary>What all user grains of a process work with. There are many grains: each holds this one object, not a field for each part.</summary>
public sealed record UserGrainServices(
    IEndedSessions Ended,
    IGeoLookup Geo,
    IIdSource Ids,
    IMembershipWatch Membership,
    TimeProvider Time,
    IOptions<SessionOptions> Sessions,
    IOptions<LeaseOptions> Lengths,
    ILogger<UserGrain> Log)
{
    public SessionOptions SessionOptions { get; } = Sessions.Value;

    public LeaseOptions LeaseOptions { get; } = Lengths.Value;

    /// <summary>L.</summary>
    public TimeSpan LeaseLength { get; } = Lengths.Value.LeaseLength;
}
