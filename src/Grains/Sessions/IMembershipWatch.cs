namespace SessionCluster.Sessions;

/// <summary>
/// What this process knows for certain of the cluster's membership, by the table that all members share. Whatever cannot be
/// read is answered with false. docs/correctness.md says why each question is asked.
/// </summary>
public interface IMembershipWatch
{
    /// <summary>The newest version of the membership that this process acts on. Rises only.</summary>
    long KnownVersion { get; }

    /// <summary>No version of the membership.</summary>
    const long NotSettled = -1;

    /// <summary>
    /// The version, if this process has acted on it for <paramref name="period"/> and it is still the newest; else <see cref="NotSettled"/>. Read when a turn begins that may end
    /// sessions: right after a change this activation may be one that the cluster has already replaced, and its turn may last longer than
    /// <paramref name="period"/>.
    /// </summary>
    long SettledVersion(TimeSpan period);

    /// <summary>
    /// Asked after a commit: true when this process is a member, the membership is still at <paramref name="version"/>, and no member
    /// joined, left or was suspected during the <paramref name="period"/> that ends now. Only then is one acknowledgement per session enough.
    /// </summary>
    ValueTask<bool> UnchangedFor(TimeSpan period, long version);

    /// <summary>
    /// True when, at some moment less than <paramref name="period"/> ago, this process was a member and knew the newest
    /// membership. One that was evicted unawares so stops granting and taking leases. One that acted on a change late counts as none until
    /// <paramref name="period"/> after that.
    /// </summary>
    /// <param name="begun">When the turn that asks began, as a timestamp of the TimeProvider; null for now. A turn that began in a process
    /// that counted as no member may be one of an activation that the cluster has replaced, however long it lasts.</param>
    ValueTask<bool> WasMemberWithin(TimeSpan period, long? begun = null);
}

/// <summary>One process: there is nobody to join or leave.</summary>
public sealed class SingleProcessMembership : IMembershipWatch
{
    public long KnownVersion => 0;

    public long SettledVersion(TimeSpan period) => 0;

    public ValueTask<bool> UnchangedFor(TimeSpan period, long version) => ValueTask.FromResult(true);

    public ValueTask<bool> WasMemberWithin(TimeSpan period, long? begun = null) => ValueTask.FromResult(true);
}

/// <summary>When a turn of a grain began, as a timestamp of the TimeProvider, and the version of the membership that its process acted on then.</summary>
internal readonly record struct Turn(long Begun, long Membership);

/// <summary>What grains require of the membership.</summary>
internal static class Membership
{
    public static Turn Begin(this IMembershipWatch membership, TimeProvider time) => new(time.GetTimestamp(), membership.KnownVersion);

    /// <summary>
    /// Fails in a process that may have been evicted: F after the eviction it grants and takes no leases and acknowledges no endings, and so
    /// nothing is answered from memory after F + L.
    /// </summary>
    /// <param name="freshness">F; zero where there is no cluster.</param>
    /// <exception cref="AskAgainException">The membership has changed since the turn began: this activation may be one that the cluster has given up.</exception>
    public static async ValueTask Require(this IMembershipWatch membership, TimeSpan freshness, Turn turn)
    {
        if (freshness > TimeSpan.Zero && !await membership.WasMemberWithin(freshness, turn.Begun))
        {
            throw new StorageUnavailableException(
                "The storage does not tell that this process is a member of the cluster; without that it grants and answers nothing.", outcomeUnknown: false);
        }

        if (membership.KnownVersion != turn.Membership)
        {
            throw new AskAgainException();
        }
    }
}
