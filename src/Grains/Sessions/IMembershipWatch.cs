namespace SessionCluster.Sessions;

/// <summary>Whether the cluster's members have been the same for a while: only then is one acknowledgement per session enough.</summary>
public interface IMembershipWatch
{
    /// <summary>True when no member joined, left or was suspected during the last <paramref name="period"/>.</summary>
    bool UnchangedFor(TimeSpan period);
}

/// <summary>One process: there is nobody to join or leave.</summary>
public sealed class SingleProcessMembership : IMembershipWatch
{
    public bool UnchangedFor(TimeSpan period) => true;
}
