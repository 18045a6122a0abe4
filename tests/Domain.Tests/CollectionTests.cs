using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using SessionCluster.Sessions;
using SessionCluster.Silo.Hosting;

namespace SessionCluster.Domain.Tests;

/// <summary>When grains leave memory, as Orleans is told at the start.</summary>
public sealed class CollectionTests
{
    [Fact]
    public void A_session_leaves_within_a_minute_and_has_the_time_to_take_its_shares_back_and_to_store_its_last_use()
    {
        using var folder = new TempFolder();
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(
            [new("Data:Path", folder.In("data")), new("Leases:Duration", "seconds=10"), new("Cluster:CallTimeout", "seconds=60"), new("Cluster:EdgeTimeout", "seconds=70")]);
        SiloHost.AddParts(builder);
        using var host = builder.Build();

        var options = host.Services.GetRequiredService<IOptions<GrainCollectionOptions>>().Value;

        Assert.Equal(TimeSpan.FromSeconds(70), options.DeactivationTimeout);
        var age = options.ClassSpecificCollectionAge[typeof(SessionGrain).FullName!];
        Assert.InRange(age + options.CollectionQuantum, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
    }
}
