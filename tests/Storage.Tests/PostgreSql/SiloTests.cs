using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionCluster.LoginStage;
using SessionCluster.Silo.Hosting;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests.PostgreSql;

/// <summary>A silo as the product puts it together.</summary>
public sealed class SiloTests
{
    [PostgreSqlFact]
    public async Task A_silo_keeps_plain_states_by_Orleans_own_provider_and_its_membership_by_our_texts()
    {
        var ports = TestPorts.Free(2);
        var database = PostgreSqlServer.Shared.CreateDatabase();
        var key = GrainId.Create("plan", "p:1");
        for (var start = 1; start <= 2; start++)
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Storage:Provider"] = "postgresql",
                ["Storage:ConnectionString"] = database,
                ["Cluster:AdvertisedAddress"] = "127.0.0.1",
                ["Cluster:SiloPort"] = $"{ports[0]}",
                ["Cluster:GatewayPort"] = $"{ports[1]}",
                ["Cluster:Drain"] = "seconds=0",
            });
            SiloHost.AddParts(builder);
            using var host = builder.Build();
            await host.StartAsync();

            var storage = host.Services.GetRequiredKeyedService<IGrainStorage>(StorageServices.PlainStorage);
            Assert.IsType<PlainStates>(storage);
            Assert.IsType<GroupingGrainStorage>(host.Services.GetRequiredKeyedService<IGrainStorage>(StorageServices.SessionStorage));
            var row = new Held<PlanV1>(new PlanV1());
            await storage.ReadStateAsync("plan", key, row);
            Assert.Equal(start == 1 ? "" : "slug 1", row.State.Plan?.FlowSlug ?? "");
            row.State = Rows.PlanOf($"slug {start}");
            await storage.WriteStateAsync("plan", key, row);
            Assert.Equal($"{start}", row.ETag);
            await host.StopAsync();
        }
    }

    /// <summary>It is built, not started: no database is asked.</summary>
    [Fact]
    public async Task A_member_that_drains_for_a_minute_has_another_to_leave()
    {
        await using var member = SiloHost.Build(
        [
            "--Storage:Provider=postgresql", "--Storage:ConnectionString=Host=127.0.0.1;Port=1;Database=none;Username=none", "--Cluster:AdvertisedAddress=127.0.0.1", "--Cluster:Drain=seconds=60",
            .. Testing.Server.TestStorage.SharedKeys("drain").Select(setting => "--" + setting),
        ]);

        Assert.InRange(member.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout, TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(125));
    }
}
