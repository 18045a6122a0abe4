namespace SessionCluster.Users;

/// <summary>How long leases are, and last after an ending.</summary>
/// <param name="Length">L, the length of a lease.</param>
/// <param name="AfterEnding">F + L: how long after an ending some activation may still answer from memory.</param>
/// <param name="MaxUnknown">Up to this many sessions of unknown state are told; more are waited out.</param>
public sealed record LeaseBounds(TimeSpan Length, TimeSpan AfterEnding, int MaxUnknown);
