namespace SessionCluster.Silo.Hosting;

/// <summary>
/// Ready while the storage works (a read answers, and the database takes an empty write), and the silo is an active member by the shared table
/// and not about to leave.
/// </summary>
internal sealed class SiloReadiness(IStorageProbe storage, IMembershipWatch membership, Drain drain, TimeProvider time) : IReadiness
{
    /// <summary>How long the read may take, and the write.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>How old the knowledge of the membership may be.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);

    public async ValueTask<string?> WhyNotReady(CancellationToken cancellationToken)
    {
        try
        {
            await storage.Read().WaitAsync(Patience, time, cancellationToken);
            await storage.Write().WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return "The storage does not answer.";
        }

        return drain.HasBegun ? "The silo is about to leave."
            : await membership.WasMemberWithin(Freshness) ? null
            : "The silo is not an active member of the cluster.";
    }
}
