using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Hosting;
using SessionCluster.Sessions;
using SessionCluster.Silo.Hosting;

namespace SessionCluster.Domain.Tests.Membership;

public sealed class OwnAddressTests
{
    [Theory]
    [InlineData("eth0 10.0.0.5", null, "10.0.0.5")]
    [InlineData("eth0 10.0.0.5, eth0 2001:db8::5", null, "10.0.0.5")]
    [InlineData("eth0 2001:db8::5", null, "2001:db8::5")]
    [InlineData("eth0 10.0.0.5, eth0 10.0.0.5", null, "10.0.0.5")]
    [InlineData("eth0 10.0.0.5, eth1 192.168.7.5", "192.168.7.5", "192.168.7.5")]
    [InlineData("eth0 10.0.0.5, eth1 192.168.7.5, eth1 2001:db8::5", "2001:db8::5", "2001:db8::5")]
    [InlineData("eth0 10.0.0.5, eth1 192.168.7.5", "127.0.0.1", null)]
    [InlineData("eth0 10.0.0.5, eth1 192.168.7.5", null, null)]
    [InlineData("eth0 2001:db8::5, eth0 2001:db8::6", null, null)]
    [InlineData("", null, null)]
    public void An_address_is_taken_only_where_it_is_the_one(string cards, string? towardsDatabase, string? chosen) => Assert.Equal(
        chosen,
        OwnAddress.Choose(
            cards.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(card => (card.Split(' ')[0], IPAddress.Parse(card.Split(' ')[1]))),
            () => towardsDatabase is null ? null : IPAddress.Parse(towardsDatabase))?.ToString());

    [Fact]
    public void A_member_without_the_setting_takes_the_one_of_this_host_or_does_not_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("Storage:Provider", "postgresql"), new("Storage:ConnectionString", "Host=127.0.0.1;Database=x;Username=x")]);
        SiloHost.AddParts(builder);
        using var host = builder.Build();
        var one = OwnAddress.Choose(OwnAddress.Candidates(), () => null);
        string? taken = null;

        var failure = Record.Exception(() => taken = host.Services.GetRequiredService<IOptions<SiloSettings>>().Value.AdvertisedAddress);

        Assert.Equal(one?.ToString(), taken);
        Assert.True(one is not null || failure is OptionsValidationException { Message: var message } && message.StartsWith("Cluster:AdvertisedAddress is not set", StringComparison.Ordinal));
    }

    [Fact]
    public void An_address_that_is_left_open_stops_the_start_and_the_setting_is_named()
    {
        var check = new SiloSettingsValidator(Options.Create(new LeaseOptions { LedgerFreshness = TimeSpan.FromSeconds(5) }));

        var result = check.Validate(null, new SiloSettings());

        Assert.StartsWith("Cluster:AdvertisedAddress is not set", result.FailureMessage, StringComparison.Ordinal);
        Assert.True(check.Validate(null, new SiloSettings { AdvertisedAddress = "10.0.0.5" }).Succeeded);
    }

    [Theory]
    [InlineData("eth0", "10.0.0.5", true)]
    [InlineData("br0", "10.0.0.5", true)]
    [InlineData("eth0", "2001:db8::5", true)]
    [InlineData("docker0", "172.17.0.1", false)]
    [InlineData("br-3f2a", "172.18.0.1", false)]
    [InlineData("virbr0", "192.168.122.1", false)]
    [InlineData("lo", "127.0.0.1", false)]
    [InlineData("lo", "::1", false)]
    [InlineData("eth0", "fe80::1", false)]
    [InlineData("eth0", "169.254.7.7", false)]
    public void Addresses_that_other_hosts_have_too_do_not_count(string card, string address, bool counts) =>
        Assert.Equal(counts, OwnAddress.IsForOthers(card, IPAddress.Parse(address)));

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1:5433,127.0.0.2:5433", "127.0.0.1")]
    [InlineData("/var/run/postgresql", null)]
    [InlineData("no-such-host.invalid", null)]
    public void The_way_to_the_database_says_the_address_that_leads_there(string host, string? own) =>
        Assert.Equal(own, OwnAddress.Towards(new DatabaseSettings { ConnectionString = $"Host={host};Database=x;Username=x" })?.ToString());
}
