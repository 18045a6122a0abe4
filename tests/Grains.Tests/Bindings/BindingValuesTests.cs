using System.Text.Json;
using SessionCluster.Bindings;
using SessionCluster.Geo;
using static SessionCluster.Grains.Tests.Bindings.Places;

namespace SessionCluster.Grains.Tests.Bindings;

public sealed class BindingValuesTests
{
    private const string Before = "1.2.3.4";
    private const string Now = "5.6.7.8";

    private static readonly AsnInfo Telefonica = new(6805, "Telefonica Germany", "5.4.0.0/14");

    [Fact]
    public void A_missing_network_reads_as_in_the_seed()
    {
        AssertValues(
            NetworkBinding.Asn, GeoIpBinding.None, new FakeGeoLookup().Put(Now, Telefonica), "network.missing",
            "{}", """{"asn":6805,"as_org":"Telefonica Germany","network":"5.4.0.0/14"}""");
        AssertValues(
            NetworkBinding.Asn, GeoIpBinding.None, new FakeGeoLookup().Put(Before, Telefonica with { AsOrg = null, Network = null }),
            "network.missing", """{"asn":6805,"as_org":null,"network":null}""", "{}");
        AssertValues(NetworkBinding.Asn, GeoIpBinding.None, new FakeGeoLookup(), "network.missing", "{}", "{}");
    }

    [Fact]
    public void Numbers_of_networks_are_integers() => AssertValues(
        NetworkBinding.Asn, GeoIpBinding.None,
        new FakeGeoLookup().Put(Before, Telefonica).Put(Now, Telefonica with { Asn = 4294967295 }), "network.asn", "6805", "4294967295");

    [Fact]
    public void Prefixes_are_texts() => AssertValues(
        NetworkBinding.AsnNetwork, GeoIpBinding.None,
        new FakeGeoLookup().Put(Before, Telefonica).Put(Now, Telefonica with { Network = "2a02::/16" }),
        "network.asn_network", "\"5.4.0.0/14\"", "\"2a02::/16\"");

    [Fact]
    public void A_prefix_that_the_database_does_not_have_is_null() => AssertValues(
        NetworkBinding.AsnNetwork, GeoIpBinding.None,
        new FakeGeoLookup().Put(Before, Telefonica).Put(Now, Telefonica with { Network = null }),
        "network.asn_network", "\"5.4.0.0/14\"", "null");

    [Fact]
    public void Addresses_are_texts() => AssertValues(
        NetworkBinding.AsnNetworkIp, GeoIpBinding.None, new FakeGeoLookup().Put(Before, Telefonica).Put(Now, Telefonica),
        "network.ip", "\"1.2.3.4\"", "\"5.6.7.8\"");

    [Fact]
    public void A_missing_place_is_an_empty_object()
    {
        AssertValues(
            NetworkBinding.None, GeoIpBinding.Continent, new FakeGeoLookup().Put(Now, Germany), "geoip.missing",
            "{}", """{"lat":51.2993,"city":"","long":9.491,"country":"DE","continent":"EU"}""");
        AssertValues(
            NetworkBinding.None, GeoIpBinding.Continent,
            new FakeGeoLookup().Put(Before, Nowhere with { Geo = new GeoInfo(null, null, "", null, null) }), "geoip.missing",
            """{"lat":null,"city":"","long":null,"country":null,"continent":null}""", "{}");
    }

    [Fact]
    public void Continents_have_code_id_and_names() => AssertValues(
        NetworkBinding.None, GeoIpBinding.Continent, new FakeGeoLookup().Put(Before, Berlin).Put(Now, Boston), "geoip.continent",
        """{"code":"EU","geoname_id":6255148,"names":{"en":"Europe"}}""",
        """{"code":"NA","geoname_id":6255149,"names":{"en":"North America"}}""");

    [Fact]
    public void Countries_have_iso_code_id_and_names() => AssertValues(
        NetworkBinding.None, GeoIpBinding.ContinentCountry, new FakeGeoLookup().Put(Before, Berlin).Put(Now, Paris), "geoip.country",
        """{"iso_code":"DE","geoname_id":2921044,"names":{"en":"Germany"}}""",
        """{"iso_code":"FR","geoname_id":3017382,"names":{"en":"France"}}""");

    [Fact]
    public void Cities_have_id_and_names() => AssertValues(
        NetworkBinding.None, GeoIpBinding.ContinentCountryCity, new FakeGeoLookup().Put(Before, Berlin).Put(Now, Munich), "geoip.city",
        """{"geoname_id":2950159,"names":{"en":"Berlin"}}""", """{"geoname_id":2867714,"names":{"en":"Berlin"}}""");

    [Fact]
    public void An_absent_part_is_an_empty_object()
    {
        AssertValues(
            NetworkBinding.None, GeoIpBinding.ContinentCountryCity, new FakeGeoLookup().Put(Before, Europe).Put(Now, Nowhere),
            "geoip.continent", """{"code":"EU","geoname_id":6255148,"names":{"en":"Europe"}}""", "{}");
        AssertValues(
            NetworkBinding.None, GeoIpBinding.ContinentCountryCity, new FakeGeoLookup().Put(Before, Europe).Put(Now, Germany),
            "geoip.country", "{}", """{"iso_code":"DE","geoname_id":2921044,"names":{"en":"Germany"}}""");
        AssertValues(
            NetworkBinding.None, GeoIpBinding.ContinentCountryCity, new FakeGeoLookup().Put(Before, Berlin).Put(Now, Germany),
            "geoip.city", """{"geoname_id":2950159,"names":{"en":"Berlin"}}""", "{}");
    }

    [Fact]
    public void An_id_that_the_database_does_not_have_is_null() =>
        Assert.Equal("""{"geoname_id":null,"names":{"en":"Berlin"}}""", BindingValues.Of(new PlacePart(null, null, Names("Berlin")), null));

    [Fact]
    public void Names_of_any_script_survive()
    {
        var names = new Dictionary<string, string> { ["de"] = "M\u00fcnchen \"<&>\"", ["ja"] = "\u30df\u30e5\u30f3\u30d8\u30f3" };
        var json = JsonDocument.Parse(BindingValues.Of(new PlacePart(null, 2867714, names), null)).RootElement.GetProperty("names");
        Assert.Equal(names["de"], json.GetProperty("de").GetString());
        Assert.Equal(names["ja"], json.GetProperty("ja").GetString());
    }

    private static void AssertValues(
        NetworkBinding network, GeoIpBinding geo, FakeGeoLookup lookup, string reason, string before, string now)
    {
        var broken = BindingCheck.Check(network, geo, Before, Now, lookup);
        Assert.NotNull(broken);
        Assert.Equal(reason, broken.Reason);
        Assert.Equal(before, broken.PreviousValueJson);
        Assert.Equal(now, broken.NewValueJson);
    }
}
