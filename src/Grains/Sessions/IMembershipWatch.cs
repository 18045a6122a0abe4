namespace SessionCluster.Sessions;

/// <summary>
/// What this process knows for certain of the cluster's membership, by the table that all members share. Whatever cannot be
/// read is answered with false. docs/correctness.md says why both questions are asked.
/// </summary>
public interface IMembershipWatch
{
    /// <summary>
    /// Asked after a commit: true when this process is a member, and no member joined, left or was suspected during the
    /// <paramref name="period"/> that ends now. Only then is one acknowledgement per session enough.
    /// </summary>
    ValueTask<bool> UnchangedFor(TimeSpan period);

    /// <summary>
    /// True when, at some moment less than <paramref name="period"/> ago, this process was a member and knew the newest
    /// membership. One that was evicted unawares so stops taking leases.
    /// </summary>
    ValueTask<bool> WasMemberWithin(TimeSpan period);
}

/// <summary>One process: there is nobody to join or leave.</summary>
public sealed class SingleProcessMembership : IMembershipWatch
{
    public ValueTask<bool> UnchangedFor(TimeSpan period) => ValueTask.FromResult(true);

    public ValueTask<bool> WasMemberWithin(TimeSpan period) => ValueTask.FromResult(true);
}
