using SessionCluster.Silo.Membership;

namespace SessionCluster.Domain.Tests.Clusters;

/// <summary>The members by the testing host's own table, which stands for the one in the database.</summary>
internal sealed class TestMemberTable(IMembershipTable table, ILocalSiloDetails silo, IClusterMembershipService membership) : IMemberTable
{
    public long KnownVersion => membership.CurrentSnapshot.Version.Value;

    public async Task<MemberRead> Read(CancellationToken cancellationToken)
    {
        var all = await table.ReadAllAsync(cancellationToken);
        return new MemberRead(all.Version.Version, all.TryGet(silo.SiloAddress)?.Item1.Status == SiloStatus.Active);
    }

    public void LearnOf(long version) => _ = membership.Refresh(new MembershipVersion(version)).AsTask();
}
