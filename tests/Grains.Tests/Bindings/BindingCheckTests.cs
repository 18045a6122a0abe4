using SessionCluster.Bindings;
using SessionCluster.Geo;
using static SessionCluster.Grains.Tests.Bindings.Places;

namespace SessionCluster.Grains.Tests.Bindings;

public sealed class BindingCheckTests
{
    private const string Before = "1.2.3.4";
    private const string Now = "5.6.7.8";

    private static readonly NetworkBinding[] NetworkModes = Enum.GetValues<NetworkBinding>();
    private static readonly GeoIpBinding[] GeoModes = Enum.GetValues<GeoIpBinding>();

    /// <summary>What differs in the network, and the reason by mode: none, asn, asn_network, asn_network_ip.</summary>
    public static TheoryData<string, AsnInfo?, AsnInfo?, string?[]> Networks => new()
    {
        { "the address only", Net(1, "1.0.0.0/8"), Net(1, "1.0.0.0/8"), [null, null, null, "network.ip"] },
        { "the name of the organisation", Net(1, "1.0.0.0/8", "A"), Net(1, "1.0.0.0/8", "B"), [null, null, null, "network.ip"] },
        { "the prefix", Net(1, "1.0.0.0/8"), Net(1, "5.0.0.0/8"), [null, null, "network.asn_network", "network.asn_network"] },
        { "the prefix is new", Net(1, null), Net(1, "5.0.0.0/8"), [null, null, "network.asn_network", "network.asn_network"] },
        { "the prefix is gone", Net(1, "1.0.0.0/8"), Net(1, null), [null, null, "network.asn_network", "network.asn_network"] },
        { "no prefix on both sides", Net(1, null), Net(1, null), [null, null, null, "network.ip"] },
        { "the number", Net(1, "1.0.0.0/8"), Net(2, "1.0.0.0/8"), [null, "network.asn", "network.asn", "network.asn"] },
        { "everything", Net(1, "1.0.0.0/8"), Net(2, "5.0.0.0/8"), [null, "network.asn", "network.asn", "network.asn"] },
        { "no record before", null, Net(1, "5.0.0.0/8"), [null, "network.missing", "network.missing", "network.missing"] },
        { "no record now", Net(1, "1.0.0.0/8"), null, [null, "network.missing", "network.missing", "network.missing"] },
        { "no record at all", null, null, [null, "network.missing", "network.missing", "network.missing"] },
    };

    /// <summary>What differs in the place, and the reason by mode: none, continent, country, city.</summary>
    public static TheoryData<string, Place?, Place?, string?[]> Sites => new()
    {
        { "nothing", Berlin, Berlin, [null, null, null, null] },
        { "names and coordinates", Berlin, BerlinElsewhere, [null, null, null, null] },
        { "the city", Berlin, Munich, [null, null, null, "geoip.city"] },
        { "the city is new", Germany, Berlin, [null, null, null, "geoip.city"] },
        { "the city is gone", Berlin, Germany, [null, null, null, "geoip.city"] },
        { "the city's name, which is all that is known of it", NamedOnly("Berlin"), NamedOnly("Munich"), [null, null, null, "geoip.city"] },
        { "nothing, of a city of which the name alone is known", NamedOnly("Berlin"), NamedOnly("Berlin"), [null, null, null, "geoip.city"] },
        { "the city is new, and only its name is known", Germany, NamedOnly("Berlin"), [null, null, null, "geoip.city"] },
        { "the city with only a name is gone", NamedOnly("Berlin"), Germany, [null, null, null, "geoip.city"] },
        { "no city on both sides", Germany, Germany, [null, null, null, null] },
        { "the country", Berlin, Paris, [null, null, "geoip.country", "geoip.country"] },
        { "the country is new", Europe, Germany, [null, null, "geoip.country", "geoip.country"] },
        { "the country is gone", Germany, Europe, [null, null, "geoip.country", "geoip.country"] },
        { "no country on both sides", Europe, Europe, [null, null, null, null] },
        { "the continent", Berlin, Boston, [null, "geoip.continent", "geoip.continent", "geoip.continent"] },
        { "the continent is new", Nowhere, Europe, [null, "geoip.continent", "geoip.continent", "geoip.continent"] },
        { "the continent is gone", Europe, Nowhere, [null, "geoip.continent", "geoip.continent", "geoip.continent"] },
        { "nothing is known on both sides", Nowhere, Nowhere, [null, null, null, null] },
        { "no record before", null, Berlin, [null, "geoip.missing", "geoip.missing", "geoip.missing"] },
        { "no record now", Berlin, null, [null, "geoip.missing", "geoip.missing", "geoip.missing"] },
        { "no record at all", null, null, [null, "geoip.missing", "geoip.missing", "geoip.missing"] },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_binding_breaks_by_its_mode(string difference, AsnInfo? before, AsnInfo? now, string?[] reasons)
    {
        foreach (var mode in NetworkModes)
        {
            var lookup = new FakeGeoLookup().Put(Before, before).Put(Now, now);
            var broken = BindingCheck.Check(mode, GeoIpBinding.None, Before, Now, lookup);
            Assert.True(reasons[(int)mode] == broken?.Reason, $"{difference}, {mode}: {broken?.Reason}");
        }
    }

    [Theory]
    [MemberData(nameof(Sites))]
    public void A_geo_binding_breaks_by_its_mode(string difference, Place? before, Place? now, string?[] reasons)
    {
        foreach (var mode in GeoModes)
        {
            var lookup = new FakeGeoLookup().Put(Before, before).Put(Now, now);
            var broken = BindingCheck.Check(NetworkBinding.None, mode, Before, Now, lookup);
            Assert.True(reasons[(int)mode] == broken?.Reason, $"{difference}, {mode}: {broken?.Reason}");
        }
    }

    [Fact]
    public void The_network_is_checked_before_the_place_in_every_pair_of_modes()
    {
        foreach (var network in NetworkModes)
        {
            foreach (var geo in GeoModes)
            {
                var lookup = new FakeGeoLookup()
                    .Put(Before, Net(1, "1.0.0.0/8")).Put(Now, Net(2, "5.0.0.0/8")).Put(Before, Berlin).Put(Now, Boston);
                var expected = network != NetworkBinding.None ? "network.asn" : geo != GeoIpBinding.None ? "geoip.continent" : null;
                Assert.Equal(expected, BindingCheck.Check(network, geo, Before, Now, lookup)?.Reason);
            }
        }
    }

    [Fact]
    public void A_place_still_breaks_when_the_network_holds()
    {
        var lookup = new FakeGeoLookup()
            .Put(Before, Net(1, "0.0.0.0/0")).Put(Now, Net(1, "0.0.0.0/0")).Put(Before, Berlin).Put(Now, Boston);
        var broken = BindingCheck.Check(NetworkBinding.AsnNetwork, GeoIpBinding.Continent, Before, Now, lookup);
        Assert.Equal("geoip.continent", broken?.Reason);
    }

    [Theory]
    [InlineData(Before)]
    [InlineData("")]
    public void An_equal_address_holds_without_a_look_up(string address)
    {
        var lookup = new FakeGeoLookup();
        Assert.Null(BindingCheck.Check(NetworkBinding.AsnNetworkIp, GeoIpBinding.ContinentCountryCity, address, address, lookup));
        Assert.Empty(lookup.AsnCalls);
        Assert.Empty(lookup.PlaceCalls);
    }

    [Fact]
    public void Without_bindings_a_change_makes_no_look_up()
    {
        var lookup = new FakeGeoLookup();
        Assert.Null(BindingCheck.Check(NetworkBinding.None, GeoIpBinding.None, Before, Now, lookup));
        Assert.Empty(lookup.AsnCalls);
        Assert.Empty(lookup.PlaceCalls);
    }

    [Fact]
    public void Bindings_that_hold_ask_each_database_once_for_each_address()
    {
        var lookup = new FakeGeoLookup()
            .Put(Before, Net(1, "1.0.0.0/8")).Put(Now, Net(1, "1.0.0.0/8")).Put(Before, Berlin).Put(Now, Berlin);
        Assert.Null(BindingCheck.Check(NetworkBinding.AsnNetwork, GeoIpBinding.ContinentCountryCity, Before, Now, lookup));
        Assert.Equal([Before, Now], lookup.AsnCalls.Order());
        Assert.Equal([Before, Now], lookup.PlaceCalls.Order());
    }

    [Fact]
    public void A_binding_that_holds_asks_its_own_database_only()
    {
        var network = new FakeGeoLookup().Put(Before, Net(1, null)).Put(Now, Net(1, null));
        Assert.Null(BindingCheck.Check(NetworkBinding.Asn, GeoIpBinding.None, Before, Now, network));
        Assert.Empty(network.PlaceCalls);

        var geo = new FakeGeoLookup().Put(Before, Berlin).Put(Now, Berlin);
        Assert.Null(BindingCheck.Check(NetworkBinding.None, GeoIpBinding.Continent, Before, Now, geo));
        Assert.Empty(geo.AsnCalls);
    }

    [Theory]
    [InlineData(NetworkBinding.Asn, GeoIpBinding.None)]
    [InlineData(NetworkBinding.None, GeoIpBinding.Continent)]
    [InlineData(NetworkBinding.Asn, GeoIpBinding.Continent)]
    public void A_break_carries_both_addresses_and_all_that_is_known_of_the_new_one(NetworkBinding network, GeoIpBinding geo)
    {
        var asn = Net(2, "5.0.0.0/8");
        var lookup = new FakeGeoLookup().Put(Before, Net(1, "1.0.0.0/8")).Put(Now, asn).Put(Before, Berlin).Put(Now, Boston);
        var broken = BindingCheck.Check(network, geo, Before, Now, lookup);
        Assert.NotNull(broken);
        Assert.Equal((Before, Now), (broken.PreviousIp, broken.NewIp));
        Assert.Equal(asn, broken.NewAsn);
        Assert.Equal(Boston.Geo, broken.NewGeo);
        Assert.Single(lookup.AsnCalls, Now);
        Assert.Single(lookup.PlaceCalls, Now);
    }

    [Fact]
    public void A_break_at_an_unlisted_address_carries_no_asn_and_no_geo()
    {
        var broken = BindingCheck.Check(NetworkBinding.Asn, GeoIpBinding.None, Before, Now, new FakeGeoLookup());
        Assert.NotNull(broken);
        Assert.Null(broken.NewAsn);
        Assert.Null(broken.NewGeo);
    }

    [Theory]
    [InlineData("", Now)]
    [InlineData("unknown", Now)]
    [InlineData(Before, "unknown")]
    public void A_text_that_is_no_address_has_no_record(string before, string now)
    {
        var lookup = new FakeGeoLookup().Put(Before, Net(1, null)).Put(Now, Net(1, null)).Put(Before, Berlin).Put(Now, Berlin);
        Assert.Equal("network.missing", BindingCheck.Check(NetworkBinding.Asn, GeoIpBinding.None, before, now, lookup)?.Reason);
        Assert.Equal("geoip.missing", BindingCheck.Check(NetworkBinding.None, GeoIpBinding.Continent, before, now, lookup)?.Reason);
    }

    [Theory]
    [InlineData("EU", 1L, "EU", 1L, true)]
    [InlineData("EU", 1L, "EU", 2L, true)]
    [InlineData("EU", 1L, "AS", 1L, false)]
    [InlineData("EU", null, "EU", null, true)]
    [InlineData(null, 1L, null, 1L, true)]
    [InlineData(null, 1L, null, 2L, false)]
    [InlineData(null, null, null, null, false)]
    [InlineData("EU", 1L, null, 1L, true)]
    [InlineData("EU", 1L, null, 2L, false)]
    [InlineData("EU", null, null, null, false)]
    [InlineData(null, null, null, 1L, false)]
    [InlineData("EU", null, null, 1L, false)]
    public void Codes_decide_else_geoname_ids(string? code, long? id, string? newCode, long? newId, bool same)
    {
        var continents = new FakeGeoLookup()
            .Put(Before, At(new PlacePart(code, id, Names("x")), null, null))
            .Put(Now, At(new PlacePart(newCode, newId, Names("y")), null, null));
        Assert.Equal(same, BindingCheck.Check(NetworkBinding.None, GeoIpBinding.Continent, Before, Now, continents) is null);

        var countries = new FakeGeoLookup()
            .Put(Before, At(null, new PlacePart(code, id, Names("x")), null))
            .Put(Now, At(null, new PlacePart(newCode, newId, Names("y")), null));
        Assert.Equal(same, BindingCheck.Check(NetworkBinding.None, GeoIpBinding.ContinentCountry, Before, Now, countries) is null);
    }

    private static AsnInfo Net(long asn, string? network, string? organisation = "Example") => new(asn, organisation, network);
}
