using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

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

    /// <summary>How leases are counted.</summary>
    public LeaseBounds Leases { get; } = new(
        Time, Lengths.Value.LeaseLength, Lengths.Value.LedgerFreshness + Lengths.Value.LeaseLength, Lengths.Value.MaxUnknownTold, Membership);
}

/// <summary>By which clock leases are counted, how long they are, and how long they last after an ending. One object for all users.</summary>
/// <param name="Time">The clock; only its monotonic side is used.</param>
/// <param name="Length">L, the length of a lease.</param>
/// <param name="AfterEnding">F + L: how long after an ending some activation may still answer from memory.</param>
/// <param name="MaxUnknown">Up to this many sessions of unknown state are told; more are waited out.</param>
/// <param name="Membership">The membership that endings are decided under; null where there is no cluster.</param>
public sealed record LeaseBounds(TimeProvider Time, TimeSpan Length, TimeSpan AfterEnding, int MaxUnknown, IMembershipWatch? Membership = null);
