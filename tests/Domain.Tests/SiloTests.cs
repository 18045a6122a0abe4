using SessionCluster.Domain.Tests.Clusters;
using SessionCluster.Sessions;

namespace SessionCluster.Domain.Tests;

/// <summary>What holds when a silo joins, leaves or dies. A cluster of its own: it changes the members.</summary>
public sealed class SiloTests : IAsyncLifetime
{
    // Endings wait for leases after each change of the members.
    private readonly TwoSilos _cluster = new() { More = new() { ["Leases:Duration"] = "seconds=1", ["Leases:LedgerFreshness"] = "00:00:01" } };

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [PostgreSqlTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sessions_survive_the_loss_of_a_silo_and_what_was_ended_stays_ended(bool isKilled)
    {
        var users = Enumerable.Range(0, 20).Select(_ => new DomainUser(_cluster)).ToArray();
        var live = await Task.WhenAll(users.Select(async u => (await u.Login()).Session.Id));
        var over = await Task.WhenAll(users.Select(async u => (await u.Login()).Session.Id));
        await Task.WhenAll(users.Zip(over, (u, id) => u.End([id])));

        // The client's silo stays.
        var silo = _cluster.Cluster.Silos[^1];
        await (isKilled ? _cluster.Cluster.KillSiloAsync(silo) : _cluster.Cluster.StopSiloAsync(silo));
        await _cluster.Cluster.StartAdditionalSiloAsync();

        await Task.WhenAll(users.Zip(live, (u, id) => Until(u, id, SessionStatus.Active)));
        await Task.WhenAll(users.Zip(over, (u, id) => Until(u, id, SessionStatus.Revoked)));
        var receipts = await Task.WhenAll(users.Select(u => u.End()));
        Assert.All(receipts, receipt => Assert.Single(receipt.Ended));
        Assert.All(await Task.WhenAll(users.Zip(live, (u, id) => u.Check(id))), status => Assert.Equal(SessionStatus.Revoked, status));
    }

    /// <summary>Until the silo is declared dead, a call to its grains fails; what is answered must be right at once.</summary>
    private static async Task Until(DomainUser user, SessionId id, SessionStatus expected)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Assert.Equal(expected, await user.Check(id));
                return;
            }
            catch (Exception failure) when (failure is OrleansException or TimeoutException && attempt < 60)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500));
            }
        }
    }
}
