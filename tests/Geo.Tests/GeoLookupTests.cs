using System.Net;
using static SessionCluster.Geo.Tests.Databases;

namespace SessionCluster.Geo.Tests;

public sealed class GeoLookupTests : IDisposable
{
    private readonly GeoFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void An_ASN_record_has_number_organisation_and_network()
    {
        _fixture.WriteAsn(Asn().ToBytes());
        _fixture.Start();
        Assert.Equal(new AsnInfo(29518, "Bredband2 AB", "89.160.0.0/17"), _fixture.Geo.Asn(GeoFixture.Listed));
        Assert.Equal(new AsnInfo(7018, null, "12.81.96.0/19"), _fixture.Geo.Asn(IPAddress.Parse("12.81.96.1")));
    }

    [Fact]
    public void A_place_has_coordinates_and_parts_in_full()
    {
        var place = Find(CityRecord())!;
        Assert.Equal(new GeoInfo(58.4167, 15.6167, "Linköping", "SE", "EU"), place.Geo);
        Assert.Equal(("EU", 6255148, "Europe"), (place.Continent!.Code, place.Continent.GeonameId, place.Continent.Names["fr"]));
        Assert.Equal(("SE", 2661886, "Sweden"), (place.Country!.Code, place.Country.GeonameId, place.Country.Names["en"]));
        Assert.Equal((2694762, "林雪平"), (place.City!.GeonameId, place.City.Names["zh-CN"]));
    }

    [Fact]
    public void An_unnamed_city_is_empty_text_and_absent_parts_are_null()
    {
        var place = Find(Map(("country", Map(("iso_code", "BT")))))!;
        Assert.Equal(new GeoInfo(null, null, "", "BT", null), place.Geo);
        Assert.Null(place.City);
        Assert.Null(place.Continent);
        Assert.Empty(place.Country!.Names);
    }

    [Fact]
    public void A_city_without_an_English_name_is_empty_text_and_yet_there()
    {
        var place = Find(Map(("city", Map(("geoname_id", 5u), ("names", Map(("de", "Köln")))))))!;
        Assert.Equal("", place.Geo.City);
        Assert.Equal("Köln", place.City!.Names["de"]);
    }

    [Fact]
    public void An_empty_record_is_a_record()
    {
        var place = Find(Map())!;
        Assert.Equal(new GeoInfo(null, null, "", null, null), place.Geo);
    }

    [Fact]
    public void Text_that_no_database_stores_and_numbers_that_no_JSON_has_are_cleaned()
    {
        var place = Find(Map(("location", Map(("latitude", double.NaN), ("longitude", 1.0))), ("city", Map(("names", Map(("en", "A\0B")))))))!;
        Assert.Equal(new GeoInfo(null, 1, "A\uFFFDB", null, null), place.Geo);
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("10.0.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    public void Unlisted_addresses_have_no_record(string address)
    {
        _fixture.WriteAsn(Asn().ToBytes());
        Assert.NotNull(Find(CityRecord()));
        Assert.Null(_fixture.Geo.Asn(IPAddress.Parse(address)));
        Assert.Null(_fixture.Geo.Place(IPAddress.Parse(address)));
    }

    [Fact]
    public void An_IPv4_mapped_address_is_its_IPv4_address()
    {
        _fixture.WriteAsn(Asn(ipVersion: 4).ToBytes());
        Assert.NotNull(Find(CityRecord()));
        var mapped = GeoFixture.Listed.MapToIPv6();
        Assert.Equal("89.160.0.0/17", _fixture.Geo.Asn(mapped)!.Network);
        Assert.Equal("SE", _fixture.Geo.Place(mapped)!.Geo.Country);
    }

    [Fact]
    public void An_IPv6_address_has_no_record_in_a_database_for_IPv4()
    {
        _fixture.WriteAsn(Asn(ipVersion: 4).ToBytes());
        _fixture.WriteCity(City(ipVersion: 4).ToBytes());
        _fixture.Start();
        Assert.NotNull(_fixture.Geo.Asn(GeoFixture.Listed));
        Assert.NotNull(_fixture.Geo.Place(GeoFixture.Listed));

        // It begins with the bits of the listed one.
        var address = IPAddress.Parse("59a0:1470::1");

        Assert.Null(_fixture.Geo.Asn(address));
        Assert.Null(_fixture.Geo.Place(address));
    }

    [Fact]
    public void A_record_without_a_number_counts_as_none()
    {
        _fixture.WriteAsn(new MmdbWriter("GeoLite2-ASN").Add("89.160.0.0/17", Map(("autonomous_system_organization", "x"))).ToBytes());
        _fixture.Start();
        Assert.Null(_fixture.Geo.Asn(GeoFixture.Listed));
        Assert.DoesNotContain(_fixture.Log.Warnings, w => w.Contains("Asn", StringComparison.Ordinal));
    }

    [Fact]
    public void Before_the_start_and_after_the_end_nothing_is_found()
    {
        _fixture.WriteAsn(Asn().ToBytes());
        Assert.Null(_fixture.Geo.Asn(GeoFixture.Listed));
        _fixture.Start();
        Assert.NotNull(_fixture.Geo.Asn(GeoFixture.Listed));
        _fixture.Geo.Dispose();
        Assert.Null(_fixture.Geo.Asn(GeoFixture.Listed));
        _fixture.RenameAsn(Asn(organisation: "New").ToBytes());
        _fixture.Poll();
        Assert.Null(_fixture.Geo.Asn(GeoFixture.Listed));
    }

    private Place? Find(Dictionary<string, object> record)
    {
        _fixture.WriteCity(new MmdbWriter("GeoLite2-City").Add(Linkoeping, record).ToBytes());
        _fixture.Start();
        return _fixture.Geo.Place(GeoFixture.Listed);
    }
}
