namespace SessionCluster.Server.Tests.Geo;

/// <summary>A server with MaxMind's own test databases, where they are there.</summary>
public sealed class PublishedDatabases : SharedServer
{
    protected override IEnumerable<string> Settings => PublishedData.Folder is null
        ? []
        : [$"GeoIp:CityDatabase={PublishedData.File(PublishedData.City)}", $"GeoIp:AsnDatabase={PublishedData.File(PublishedData.Asn)}"];
}

[Trait("Server", "Own")]
public sealed class PublishedDatabaseTests(PublishedDatabases server) : IClassFixture<PublishedDatabases>
{
    private const string Linkoeping = "89.160.20.112";
    private const string London = "81.2.69.142";
    private const string Boxford = "2.125.160.216";
    private const string Bhutan = "67.43.156.1";
    private const string Unlisted = "8.8.8.8";

    [PublishedDataTheory]
    [InlineData("bind_asn", "no_binding", "1.0.0.1", "1.128.0.1", "network.asn", "15169", "1221")]
    [InlineData("bind_asn_network", "no_binding", "12.81.96.1", "12.81.128.1", "network.asn_network", "\"12.81.96.0/19\"", "\"12.81.128.0/17\"")]
    [InlineData("bind_asn_network_ip", "no_binding", "12.81.96.1", "12.81.96.2", "network.ip", "\"12.81.96.1\"", "\"12.81.96.2\"")]
    [InlineData("bind_asn", "no_binding", Unlisted, "12.81.96.1", "network.missing", "{}", "{\"asn\":7018,\"as_org\":null,\"network\":\"12.81.96.0/19\"}")]
    [InlineData("no_binding", "bind_continent", London, Unlisted, "geoip.missing", null, "{}")]
    [InlineData("no_binding", "bind_continent", London, Bhutan, "geoip.continent", null, null)]
    [InlineData("no_binding", "bind_continent_country", London, Linkoeping, "geoip.country", null, null)]
    [InlineData("no_binding", "bind_continent_country_city", London, Boxford, "geoip.city", null, null)]
    public async Task A_binding_breaks_on_published_records(
        string network, string geoip, string loginIp, string useIp, string reason, string? previous, string? current)
    {
        var stage = await server.Api.Stage($"\"network_binding\": \"{network}\", \"geoip_binding\": \"{geoip}\"");
        var login = await server.Api.Login(Actions.NewUser(), stage, loginIp);

        var answer = await server.Api.Validate(login.Token, useIp);

        Assert.Equal(reason, answer.StringAt("binding.reason"));
        AssertJson(previous, answer.At("binding.previous_value"));
        AssertJson(current, answer.At("binding.new_value"));
    }

    [PublishedDataTheory]
    [InlineData("bind_asn", "no_binding", "12.81.96.1", "12.81.128.1")]
    [InlineData("no_binding", "bind_continent_country", London, Boxford)]
    [InlineData("no_binding", "bind_continent", London, Linkoeping)]
    public async Task A_move_inside_the_binding_holds_on_published_records(string network, string geoip, string loginIp, string useIp)
    {
        var stage = await server.Api.Stage($"\"network_binding\": \"{network}\", \"geoip_binding\": \"{geoip}\"");

        Assert.Null(await server.Api.WhyNot((await server.Api.Login(Actions.NewUser(), stage, loginIp)).Token, useIp));
    }

    private static void AssertJson(string? expected, JsonNode? actual)
    {
        if (expected is not null)
        {
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"{actual?.ToJsonString()} instead of {expected}");
        }
    }
}
