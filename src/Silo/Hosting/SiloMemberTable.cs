using Orleans.Configuration;

namespace SessionCluster.Silo.Hosting;

/// <summary>Orleans' membership table in PostgreSQL, read past everything that the silo has cached of it.</summary>
internal sealed class SiloMemberTable(
    NpgsqlDataSource database, ILocalSiloDetails silo, IClusterMembershipService membership, IOptions<ClusterOptions> cluster, TimeProvider time)
    : IMemberTable
{
    private const string Text = $"""
        SELECT v.Version, coalesce(m.Status, 0), EXISTS (SELECT 1 FROM {OtherClusters.Members})
        FROM OrleansMembershipVersionTable v
        LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId AND m.Address = $3 AND m.Port = $4 AND m.Generation = $5
        WHERE v.DeploymentId = $1
        """;

    public long KnownVersion => membership.CurrentSnapshot.Version.Value;

    public async Task<MemberRead> Read(CancellationToken cancellationToken)
    {
        var own = silo.SiloAddress;
        await using var command = database.CreateCommand(Text);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cluster.Value.ClusterId });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = OtherClusters.AliveSince(time) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = own.Endpoint.Address.ToString() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = own.Endpoint.Port });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = own.Generation });
        // Before the first silo has joined, the table does not know the cluster.
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new MemberRead(row.GetInt32(0), (SiloStatus)row.GetInt32(1) == SiloStatus.Active, row.GetBoolean(2))
            : new MemberRead(long.MinValue, IsMember: false, IsShared: false);
    }

    public void LearnOf(long version) => _ = membership.Refresh(new MembershipVersion(version)).AsTask();
}
