using Orleans.Configuration;

namespace SessionCluster.Silo.Hosting;

/// <summary>
/// Refuses to start beside another cluster on the same database. The members of one cluster do not know of the leases of another, so a
/// session that one of them ended could still be accepted by the other. It looks before the silo joins, and again when the silo is in the
/// table: of two that start together, at least one sees the other.
/// </summary>
internal sealed class OtherClusters(NpgsqlDataSource database, IOptions<ClusterOptions> cluster) : LifecycleStep
{
    /// <summary>The members of other clusters ($1 is the own one) that gave a sign of life within $2, by the database's clock: joining, active or leaving.</summary>
    public const string Members = "OrleansMembershipTable o WHERE o.DeploymentId <> $1 AND o.Status BETWEEN 2 AND 5 AND o.IAmAliveTime > now() - $2";

    /// <summary>
    /// From when on a member without a sign of life counts as gone. A running one signs every three seconds, by the clock of its own host, which
    /// may be behind the database's.
    /// </summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30) + MemberClock.Refused;

    public override Task StartingAsync(CancellationToken cancellationToken) => Refuse(cancellationToken);

    public override Task StartAsync(CancellationToken cancellationToken) => Refuse(cancellationToken);

    private async Task Refuse(CancellationToken cancellationToken)
    {
        var own = cluster.Value.ClusterId;
        await using var command = database.Command($"SELECT o.DeploymentId, o.Address, o.Port FROM {Members} LIMIT 1", own, Silence);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (await row.ReadAsync(cancellationToken))
        {
            throw new InvalidDataException(
                $"{ClusterSettings.Section}:{nameof(ClusterSettings.ClusterId)} is '{own}', but the cluster '{row.GetString(0)}' serves the same database: its member "
                + $"{row.GetString(1)}:{row.GetInt32(2)} gave a sign of life within the last {Silence.TotalSeconds:0} seconds. One database serves one cluster: set the same "
                + $"ClusterId to join it, or stop it first. Where this is a copy of that cluster's database, keep another ClusterId and try again in {Silence.TotalSeconds:0} seconds: "
                + "with the same one the copy's members would join that cluster.");
        }
    }
}
