namespace SessionCluster.Silo.Membership;

/// <summary>The membership that all silos of a cluster share, and what this silo has heard of it.</summary>
internal interface IMemberTable
{
    /// <summary>The newest membership that this silo acts on. Rises only.</summary>
    long KnownVersion { get; }

    /// <summary>Reads the table, now.</summary>
    Task<MemberRead> Read(CancellationToken cancellationToken);

    /// <summary>Sees to it that this silo hears of a membership that it does not know yet. Returns at once.</summary>
    void LearnOf(long version);
}

/// <summary>What one read of the table saw.</summary>
/// <param name="Version">The version of the membership: every join, leave and suspicion raises it.</param>
/// <param name="IsMember">Whether this silo is an active member by it.</param>
/// <param name="IsShared">Whether members of another cluster serve the same database, which no start allows but a long freeze may bring about.</param>
internal readonly record struct MemberRead(long Version, bool IsMember, bool IsShared = false);
