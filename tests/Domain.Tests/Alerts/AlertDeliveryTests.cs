using SessionCluster.Alerts;
using SessionCluster.Domain.Tests.Clusters;

namespace SessionCluster.Domain.Tests.Alerts;

[Collection(OnLoneSilo.Name)]
public sealed class LoneSiloAlertDeliveryTests(LoneSilo cluster) : AlertDeliveryTests(cluster);

[Collection(OnTwoSilos.Name), OnPostgreSql]
public sealed class TwoSilosAlertDeliveryTests(TwoSilos cluster) : AlertDeliveryTests(cluster);

/// <summary>The grain that delivers, on silos.</summary>
public abstract class AlertDeliveryTests(IDomainCluster cluster)
{
    [SuiteTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_who_begin_a_delivery_for_which_there_is_nothing_to_do_are_all_answered(bool exists)
    {
        var catalog = await cluster.Grains.GetGrain<IAlertCatalogGrain>(IAlertCatalogGrain.Key).Read();
        var unused = Assert.Single(catalog.Transports, transport => transport.Mode == TransportMode.Local).Pk;
        var delivery = cluster.Grains.GetGrain<IAlertDeliveryGrain>(IAlertDeliveryGrain.KeyFor(exists ? unused : Guid.NewGuid()));

        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => delivery.Follow()));
        }

        Assert.False(await delivery.NoteChange());
    }
}
