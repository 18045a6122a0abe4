using SessionCluster.Sessions;

namespace SessionCluster.Users;

/// <summary>By which clock leases are counted, how long they are, and how long they last after an ending. One object for all users.</summary>
/// <param name="Time">The clock; only its monotonic side is used.</param>
/// <param name="Length">L, the length of a lease.</param>
/// <param name="AfterEnding">F + L: how long after an ending some activation may still answer from memory.</param>
/// <param name="MaxUnknown">Up to this many sessions of unknown state are told; more are waited out.</param>
/// <param name="Membership">The membership that endings are decided under; null where there is no cluster.</param>
public sealed record LeaseBounds(TimeProvider Time, TimeSpan Length, TimeSpan AfterEnding, int MaxUnknown, IMembershipWatch? Membership = null);
