using System.Diagnostics.Metrics;
using Orleans.Configuration;

namespace SessionCluster.Silo.Hosting;

/// <summary>Orleans' membership table in PostgreSQL, read past everything that the silo has cached of it.</summary>
internal sealed class SiloMemberTable : IMemberTable
{
    private const string Text = $"""
        SELECT v.Version, coalesce(m.Status, 0), EXISTS (SELECT 1 FROM {OtherClusters.Members}),
          (SELECT count(*)::int FROM OrleansMembershipTable a WHERE a.DeploymentId = v.DeploymentId AND a.Status = 3), clock_timestamp()
        FROM OrleansMembershipVersionTable v
        LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId AND m.Address = $3 AND m.Port = $4 AND m.Generation = $5
        WHERE v.DeploymentId = $1
        """;

    private readonly NpgsqlDataSource _database;
    private readonly ILocalSiloDetails _silo;
    private readonly IClusterMembershipService _membership;
    private readonly IOptions<ClusterOptions> _cluster;
    private readonly MemberClock _clock;
    private readonly TimeProvider _time;

    public SiloMemberTable(
        NpgsqlDataSource database, ILocalSiloDetails silo, IClusterMembershipService membership, IOptions<ClusterOptions> cluster, MemberClock clock, TimeProvider time,
        IMeterFactory meters)
    {
        (_database, _silo, _membership, _cluster, _clock, _time) = (database, silo, membership, cluster, clock, time);
        meters.Create(SessionMetrics.MeterName).CreateObservableGauge(
            "sessioncluster.members", () => membership.CurrentSnapshot.Members.Values.Count(member => member.Status == SiloStatus.Active), "{member}",
            "Active members of the cluster, as this process knows them.");
    }

    public long KnownVersion => _membership.CurrentSnapshot.Version.Value;

    public async Task<MemberRead> Read(CancellationToken cancellationToken)
    {
        var own = _silo.SiloAddress;
        await using var command = _database.Command(
            Text, _cluster.Value.ClusterId, OtherClusters.Silence, own.Endpoint.Address.ToString(), own.Endpoint.Port, own.Generation);
        var before = _time.GetUtcNow();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return new MemberRead(MemberRead.Nothing, IsMember: false, IsShared: false);
        }

        _clock.Compare(before, row.GetDateTime(4), _time.GetUtcNow());
        return new MemberRead(row.GetInt32(0), (SiloStatus)row.GetInt32(1) == SiloStatus.Active, row.GetBoolean(2), row.GetInt32(3));
    }

    public void LearnOf(long version) => _ = _membership.Refresh(new MembershipVersion(version)).AsTask();
}
