using System.Net;
using static SessionCluster.Geo.Tests.Databases;

namespace SessionCluster.Geo.Tests.Embedded;

public sealed class DatabaseReaderTests
{
    public static TheoryData<int, int> Shapes => new() { { 24, 4 }, { 28, 4 }, { 32, 4 }, { 24, 6 }, { 28, 6 }, { 32, 6 } };

    internal static DatabaseReader Open(MmdbWriter writer) => new(new MemoryStream(writer.ToBytes()));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_record_size_and_ip_version_gives_the_record_and_its_network(int recordSize, int ipVersion)
    {
        using var reader = Open(Asn(recordSize, ipVersion));
        Assert.True(reader.TryAsn(IPAddress.Parse("89.160.20.112"), out var found));
        Assert.Equal(29518, found!.AutonomousSystemNumber);
        Assert.Equal("Bredband2 AB", found.AutonomousSystemOrganization);
        Assert.Equal("89.160.0.0/17", found.Network!.ToString());
        Assert.Equal(ipVersion, reader.Metadata.IPVersion);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_network_holds_its_first_and_last_address_and_not_their_neighbours(int recordSize, int ipVersion)
    {
        using var reader = Open(Asn(recordSize, ipVersion));
        Assert.False(reader.TryAsn(IPAddress.Parse("89.159.255.255"), out var before));
        Assert.Null(before);
        Assert.True(reader.TryAsn(IPAddress.Parse("89.160.0.0"), out _));
        Assert.True(reader.TryAsn(IPAddress.Parse("89.160.127.255"), out _));
        Assert.False(reader.TryAsn(IPAddress.Parse("89.160.128.0"), out _));
    }

    [Theory]
    [InlineData(24)]
    [InlineData(28)]
    [InlineData(32)]
    public void Records_beyond_16_bits_of_either_side_are_read_whole(int recordSize)
    {
        var writer = new MmdbWriter("Test", recordSize);
        writer.Data.Write(new Raw(new byte[1 << 20]));
        using var reader = Open(writer.Add("0.0.0.0/1", "left").Add("128.0.0.0/1", "right"));
        Assert.Equal("left", reader.Find(IPAddress.Parse("1.1.1.1"), out _));
        Assert.Equal("right", reader.Find(IPAddress.Parse("200.1.1.1"), out _));
    }

    [Fact]
    public void Records_of_28_bits_use_the_shared_half_bytes()
    {
        var writer = new MmdbWriter("Test", 28);
        writer.Data.Write(new Raw(new byte[(1 << 24) + 5]));
        using var reader = Open(writer.Add("0.0.0.0/1", "left").Add("128.0.0.0/1", "right"));
        Assert.Equal("left", reader.Find(IPAddress.Parse("1.1.1.1"), out _));
        Assert.Equal("right", reader.Find(IPAddress.Parse("200.1.1.1"), out _));
    }

    [Theory]
    [InlineData("1.2.3.4", "1.2.3.4/32", "host")]
    [InlineData("1.2.3.5", "1.2.3.5/32", null)]
    [InlineData("1.2.3.6", "1.2.3.6/31", null)]
    [InlineData("2001:db8::", "2001:db8::/127", "pair")]
    [InlineData("2001:db8::1", "2001:db8::/127", "pair")]
    [InlineData("2001:db8::2", "2001:db8::2/127", null)]
    [InlineData("2a02:d000:ffff:ffff:ffff:ffff:ffff:ffff", "2a02:d000::/29", null)]
    [InlineData("::ffff:1.2.3.4", "::ffff:1.2.3.4/128", "host")]
    [InlineData("::1.2.3.4", "::1.2.3.4/128", "host")]
    public void IPv4_and_IPv6_live_in_one_tree_each_with_its_own_prefixes(string address, string network, string? value)
    {
        using var reader = Open(new MmdbWriter()
            .Add("1.2.3.4/32", "host")
            .Add("2001:db8::/127", "pair")
            .Add("2a02:d040::/27", "other")
            .Alias("::ffff:0:0/96", "::/96"));
        Assert.Equal(value, reader.Find(IPAddress.Parse(address), out var found));
        if (address != "2a02:d000:ffff:ffff:ffff:ffff:ffff:ffff")
        {
            Assert.Equal(network, found.ToString());
        }
    }

    [Fact]
    public void A_tree_that_ends_before_the_96_bits_of_IPv4_answers_for_all_of_IPv4()
    {
        using var reader = Open(new MmdbWriter().Add("::/64", "low"));
        Assert.Equal("low", reader.Find(IPAddress.Parse("9.9.9.9"), out var network));
        Assert.Equal("0.0.0.0/0", network.ToString());
    }

    [Fact]
    public void An_IPv6_address_is_in_no_database_of_IPv4()
    {
        using var reader = Open(Asn(ipVersion: 4));
        Assert.False(reader.TryAsn(IPAddress.Parse("59a0::1"), out _));
    }

    [Fact]
    public void The_scope_of_an_address_is_ignored()
    {
        using var reader = Open(new MmdbWriter().Add("fe80::/10", "link"));
        Assert.Equal("link", reader.Find(IPAddress.Parse("fe80::1%3"), out var network));
        Assert.Equal("fe80::/10", network.ToString());
    }

    [Fact]
    public void A_city_record_is_read_past_the_fields_that_are_not_used()
    {
        using var reader = Open(City());
        Assert.True(reader.TryCity(IPAddress.Parse("89.160.20.112"), out var found));
        Assert.Equal("Linköping", found!.City.Name);
        Assert.Equal(2694762, found.City.GeoNameId);
        Assert.Equal(["de", "en", "zh-CN"], found.City.Names.Keys);
        Assert.Equal("林雪平", found.City.Names["zh-CN"]);
        Assert.Equal(("EU", 6255148, "Europe"), (found.Continent.Code, found.Continent.GeoNameId, found.Continent.Name));
        Assert.Equal(("SE", 2661886, "Sweden"), (found.Country.IsoCode, found.Country.GeoNameId, found.Country.Name));
        Assert.Equal((58.4167, 15.6167), (found.Location.Latitude, found.Location.Longitude));
        Assert.Equal(Linkoeping, found.Traits.Network!.ToString());
    }

    [Fact]
    public void What_a_city_record_lacks_is_empty_not_null()
    {
        using var reader = Open(new MmdbWriter("GeoLite2-City").Add("1.0.0.0/8", Map()));
        Assert.True(reader.TryCity(IPAddress.Parse("1.2.3.4"), out var found));
        Assert.Null(found!.City.Name);
        Assert.Null(found.City.GeoNameId);
        Assert.Empty(found.Country.Names);
        Assert.Null(found.Continent.Code);
        Assert.Null(found.Location.Latitude);
    }

    [Fact]
    public void A_call_for_another_type_of_database_is_an_invalid_operation()
    {
        using var city = Open(City());
        using var asn = Open(Asn());
        var wrongAsn = Assert.Throws<InvalidOperationException>(() => city.TryAsn(IPAddress.Loopback, out _));
        Assert.Equal("A GeoLite2-City database cannot be opened with the TryAsn method", wrongAsn.Message);
        Assert.Throws<InvalidOperationException>(() => asn.TryCity(IPAddress.Loopback, out _));
    }

    [Theory]
    [InlineData("GeoIP2-City")]
    [InlineData("DBIP-City-Lite (compat=City)")]
    public void Every_type_that_names_City_is_one(string type)
    {
        using var reader = Open(new MmdbWriter(type).Add(Linkoeping, CityRecord()));
        Assert.True(reader.TryCity(IPAddress.Parse("89.160.20.1"), out _));
    }

    [Fact]
    public void Metadata_are_what_the_file_says()
    {
        using var reader = Open(City());
        Assert.Equal("GeoLite2-City", reader.Metadata.DatabaseType);
        Assert.Equal(new DateTime(2026, 2, 4, 22, 49, 29, DateTimeKind.Utc), reader.Metadata.BuildDate);
        Assert.Equal(["en"], reader.Metadata.Languages);
        Assert.Equal("Written by a test", reader.Metadata.Description["en"]);
        Assert.Equal((2, 0, 6), (reader.Metadata.BinaryFormatMajorVersion, reader.Metadata.BinaryFormatMinorVersion, reader.Metadata.IPVersion));
    }

    [Fact]
    public void The_last_metadata_marker_counts()
    {
        var writer = new MmdbWriter("GeoLite2-ASN");
        writer.Add("1.0.0.0/8", AsnRecord(1, "\u00ab")).Data.Write(new Raw([0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8]));
        using var reader = Open(writer);
        Assert.True(reader.TryAsn(IPAddress.Parse("1.0.0.1"), out _));
    }

    [Fact]
    public void A_stream_that_cannot_seek_is_read_to_its_end()
    {
        using var pipe = new System.IO.Compression.BrotliStream(new MemoryStream(Compress(Asn().ToBytes())), System.IO.Compression.CompressionMode.Decompress);
        using var reader = new DatabaseReader(pipe);
        Assert.True(reader.TryAsn(IPAddress.Parse("89.160.0.0"), out _));
    }

    [Fact]
    public void Walking_the_tree_allocates_nothing()
    {
        using var reader = Open(Asn());
        var absent = IPAddress.Parse("200.1.2.3");
        reader.TryAsn(absent, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            reader.TryAsn(absent, out _);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var output = new MemoryStream();
        using (var brotli = new System.IO.Compression.BrotliStream(output, System.IO.Compression.CompressionLevel.Fastest))
        {
            brotli.Write(bytes);
        }

        return output.ToArray();
    }
}
