using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using SessionCluster.Silo.Membership;

namespace SessionCluster.Silo.Hosting;

/// <summary>The membership table in PostgreSQL (script 003), read past everything that the silo has cached of it.</summary>
internal sealed class SiloMemberTable(
    NpgsqlDataSource database, ILocalSiloDetails silo, IClusterMembershipService membership, IOptions<ClusterOptions> cluster) : IMemberTable
{
    private const string Text = """
        SELECT v.version, coalesce(m.status, 0)
        FROM cluster_version v
        LEFT JOIN cluster_member m ON m.cluster_id = v.cluster_id AND m.address = $2 AND m.port = $3 AND m.generation = $4
        WHERE v.cluster_id = $1
        """;

    public long KnownVersion => membership.CurrentSnapshot.Version.Value;

    public async Task<MemberRead> Read(CancellationToken cancellationToken)
    {
        var own = silo.SiloAddress;
        await using var command = database.CreateCommand(Text);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cluster.Value.ClusterId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = own.Endpoint.Address.ToString() });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = own.Endpoint.Port });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = own.Generation });
        // Before the first silo has joined, the table does not know the cluster.
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new MemberRead(row.GetInt32(0), (SiloStatus)row.GetInt32(1) == SiloStatus.Active)
            : new MemberRead(long.MinValue, false);
    }

    public void LearnOf(long version) => _ = membership.Refresh(new MembershipVersion(version)).AsTask();
}
