using System.Net;
using SessionCluster.Silo.Geo;
using static SessionCluster.Geo.Tests.Databases;

namespace SessionCluster.Geo.Tests;

/// <summary>Files that are broken are refused when they are loaded, by name and with the reason; the server goes on without them.</summary>
public sealed class MalformedTests : IDisposable
{
    private static readonly IPAddress Address = IPAddress.Parse("1.2.3.4");

    private readonly GeoFixture _fixture = new(asn: false);

    public static TheoryData<string, byte[]> BrokenValues => new()
    {
        { "type 7", [0x00, 0x00] },
        { "type 12", [0x00, 0x05] },
        { "type 13", [0x00, 0x06] },
        { "type 16", [0x00, 0x09] },
        { "type 262", [0x00, 0xFF] },
        { "type 3 and 7 bytes", [0x67, 0, 0, 0, 0, 0, 0, 0] },
        { "type 15 and 3 bytes", [0x03, 0x08, 0, 0, 0] },
        { "a boolean of 2", [0x02, 0x07] },
        { "type 5 and 3 bytes", [0xA3, 0, 0, 0] },
        { "type 6 and 5 bytes", [0xC5, 0, 0, 0, 0, 0] },
        { "type 9 and 9 bytes", [0x09, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
        { "type 10 and 17 bytes", [0x11, 0x03, .. new byte[17]] },
        { "type 8 and 5 bytes", [0x05, 0x01, 0, 0, 0, 0, 0] },
        { "the key of a map is no text", [0xE1, 0xC0, 0x40] },
        { "runs past the end", [0x44, 1, 2, 3] },
        { "too large", [0x5F, 0xFF, 0xFF, 0xFF] },
        { "too large", [0x9F, 0xFF, 0xFF, 0xFF] },
        { "a value is cut off", [0x5F, 0xFF] },
        { "a value is cut off", [0xE1, 0x41, (byte)'k', 0x5D] },
        { "a value is cut off", [0x38, 0, 0] },
        { "a value is cut off", [0xE1, 0x40] },
        { "too large", [0xFF, 0xFF, 0xFF, 0xFF] },
        { "too large", [0x1F, 0x04, 0xFF, 0xFF, 0xFF] },
        { "past the end of its section", [0x20, 0xFF] },
        { "past the end of its section", [0x38, 0xFF, 0xFF, 0xFF, 0xFF] },
        { "a pointer leads to another pointer", [0x20, 0x00] },
    };

    public static TheoryData<string, object?, string> BrokenMetadata => new()
    {
        { "binary_format_major_version", (ushort)3, "binary_format_major_version is 3" },
        { "binary_format_major_version", null, "no binary_format_major_version" },
        { "build_epoch", ulong.MaxValue, "build_epoch" },
        { "build_epoch", 253_402_300_800UL, "build_epoch is 253402300800" },
        { "build_epoch", null, "no build_epoch" },
        { "database_type", null, "" },
        { "database_type", 5u, "" },
        { "description", "x", "" },
        { "ip_version", (ushort)5, "ip_version is 5" },
        { "ip_version", null, "no ip_version" },
        { "languages", Map(), "" },
        { "node_count", 0u, "node_count is 0" },
        { "node_count", uint.MaxValue, "node_count" },
        { "node_count", 5_000_000_000UL, "node_count" },
        { "node_count", "1", "no node_count" },
        { "record_size", (ushort)0, "record_size is 0" },
        { "record_size", (ushort)26, "record_size is 26" },
        { "record_size", null, "no record_size" },
    };

    public static TheoryData<string, Dictionary<string, object>> DamagedRecords => new()
    {
        { "city", Map(("city", "text")) },
        { "continent", Map(("continent", 5u)) },
        { "country", Map(("country", new List<object> { "CZ" })) },
        { "location", Map(("location", true)) },
        { "names", Map(("city", Map(("names", Map(("en", 5u)))))) },
        { "latitude", Map(("location", Map(("latitude", "north")))) },
        { "identifier", Map(("city", Map(("geoname_id", UInt128.MaxValue)))) },
    };

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [MemberData(nameof(BrokenValues))]
    public void A_file_with_a_broken_value_is_refused_with_its_place(string what, byte[] bytes)
    {
        IsRefused(what, new MmdbWriter("GeoLite2-City").Add("1.0.0.0/8", new Raw(bytes)));
        Assert.Contains("Broken at byte ", Assert.Single(_fixture.Log.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BrokenMetadata))]
    public void A_file_with_metadata_that_cannot_be_is_refused(string field, object? value, string what)
    {
        var writer = City();
        writer.Metadata.Remove(field);
        if (value is not null)
        {
            writer.Metadata[field] = value;
        }

        IsRefused(what, writer);
    }

    [Fact]
    public void Metadata_may_hold_more()
    {
        var writer = City();
        writer.Metadata["later"] = new List<object> { Map(("x", 1u)) };
        IsUsed(writer);
        Assert.Equal("SE", _fixture.Geo.Place(GeoFixture.Listed)!.Geo.Country);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    public void A_tree_that_leads_into_the_separator_is_refused(int into) =>
        IsRefused("Node 0 of the tree leads to", new MmdbWriter("GeoLite2-City").Add("::/1", Map()).AddOffset("8000::/1", into - 16));

    [Fact]
    public void A_tree_may_lead_to_the_last_byte_of_data()
    {
        var writer = new MmdbWriter("GeoLite2-City").Add("::/1", Map());
        IsUsed(writer.AddOffset("8000::/1", writer.Data.Write(Map())));
        Assert.NotNull(_fixture.Geo.Place(IPAddress.Parse("8000::")));
    }

    [Fact]
    public void A_tree_that_leads_past_the_last_byte_of_data_is_refused()
    {
        var writer = new MmdbWriter("GeoLite2-City").Add("::/1", Map());
        IsRefused("neither a node nor data", writer.AddOffset("8000::/1", writer.Data.Write(Map()) + 1));
    }

    [Theory]
    [InlineData(24)]
    [InlineData(28)]
    [InlineData(32)]
    public void A_broken_value_is_found_on_either_side_of_a_node_of_every_size(int recordSize)
    {
        foreach (var network in (string[])["0.0.0.0/1", "128.0.0.0/1"])
        {
            using var fixture = new GeoFixture(asn: false);
            var writer = new MmdbWriter("GeoLite2-City", recordSize, ipVersion: 4);
            // Far behind, so that every bit of the record's number counts.
            writer.Data.Write(new Raw(new byte[(1 << 20) + 5]));
            writer.Add("64.0.0.0/8", Map()).Add("192.0.0.0/8", Map());
            fixture.WriteCity(writer.Add(network, new Raw(0x00, 0x00)).ToBytes());
            fixture.Start();
            Assert.Contains("type 7", Assert.Single(fixture.Log.Warnings), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_tree_that_leads_back_into_itself_finds_nothing_where_the_address_ends()
    {
        IsUsed(new MmdbWriter("GeoLite2-City").Add("::/1", Map()).Alias("8000::/1", "::/0"));
        Assert.Null(_fixture.Geo.Place(IPAddress.Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
        Assert.Contains("damaged record", Assert.Single(_fixture.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_separator_that_is_not_zero_is_refused()
    {
        var bytes = new MmdbWriter("GeoLite2-City").Add("::/1", Map()).ToBytes();
        bytes[6 + 3] = 1;
        IsRefused("Broken at byte 9", bytes);
    }

    [Theory]
    [InlineData(SectionCheck.MaxDepth - 1, true)]
    [InlineData(SectionCheck.MaxDepth, false)]
    [InlineData(100_000, false)]
    public void Nesting_is_bounded(int lists, bool used)
    {
        var deep = new Raw([.. Enumerable.Range(0, lists - 1).SelectMany(_ => new byte[] { 0x01, 0x04 }), 0x00, 0x04]);
        var writer = new MmdbWriter("GeoLite2-City").Add("1.0.0.0/8", Map(("x", deep), ("country", Map(("iso_code", "CZ")))));
        if (used)
        {
            IsUsed(writer);
            Assert.Equal("CZ", _fixture.Geo.Place(Address)!.Geo.Country);
        }
        else
        {
            IsRefused("nested", writer);
        }
    }

    /// <summary>Each would end the process by a stack overflow if the reader came to see it.</summary>
    [Theory]
    [InlineData("city")]
    [InlineData("names")]
    [InlineData("subdivisions")]
    [InlineData("unused")]
    [InlineData("key")]
    public void A_value_that_holds_itself_is_refused(string where)
    {
        var writer = new MmdbWriter("GeoLite2-City");
        var start = writer.Data.Length;
        writer.Data.Write(where switch
        {
            "key" => new Raw(0xE1, 0x20, 0x01),
            "subdivisions" => new Raw([0xE1, 0x4C, .. "subdivisions"u8, 0x02, 0x04, 0x20, 0x00, 0x20, 0x0E]),
            "names" => new Raw([0xE1, 0x44, .. "city"u8, 0xE1, 0x45, .. "names"u8, 0xE1, 0x42, .. "en"u8, 0x20, 0x0D]),
            "city" => new Raw([0xE1, 0x44, .. "city"u8, 0x20, 0x00]),
            _ => new Raw([0xE1, 0x41, .. "x"u8, 0x20, 0x00]),
        });
        IsRefused("Broken at byte", writer.AddOffset("1.0.0.0/8", start));
    }

    [Fact]
    public void Lists_that_share_lists_cannot_grow_without_bound()
    {
        var writer = new MmdbWriter("GeoLite2-City");
        var inner = writer.Data.Write(new List<object> { "x" });
        for (var i = 0; i < 25; i++)
        {
            inner = writer.Data.Write(new List<object> { new Pointer(inner), new Pointer(inner) });
        }

        IsRefused("too large", writer.AddOffset("1.0.0.0/8", writer.Data.Write(Map(("subdivisions", new Pointer(inner))))));
    }

    [Fact]
    public void Names_that_share_a_long_text_cannot_grow_without_bound()
    {
        var writer = new MmdbWriter("GeoLite2-City");
        var text = writer.Data.Write(new string('x', 60_000));
        var names = Enumerable.Range(0, 1_000).ToDictionary(i => $"{i}", _ => (object)new Pointer(text));
        IsRefused("too large", writer.Add("1.0.0.0/8", Map(("city", Map(("names", names))))));
    }

    [Fact]
    public void A_large_file_without_metadata_is_refused_at_once()
    {
        using (var file = File.Create(_fixture.CityPath))
        {
            file.SetLength(300 << 20);
        }

        var since = System.Diagnostics.Stopwatch.GetTimestamp();
        _fixture.Start();

        Assert.Contains("No metadata marker", Assert.Single(_fixture.Log.Warnings), StringComparison.Ordinal);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Theory]
    [MemberData(nameof(DamagedRecords))]
    public void A_record_that_says_what_it_cannot_mean_counts_as_none_and_is_reported_once_without_the_address(string what, Dictionary<string, object> record)
    {
        IsUsed(City().Add("1.0.0.0/8", record));

        Assert.Null(_fixture.Geo.Place(Address));
        Assert.Null(_fixture.Geo.Place(IPAddress.Parse("1.2.3.5")));

        Assert.Equal("SE", _fixture.Geo.Place(GeoFixture.Listed)!.Geo.Country);
        var warning = Assert.Single(_fixture.Log.Warnings);
        Assert.Contains("damaged record", warning, StringComparison.Ordinal);
        Assert.Contains(_fixture.CityPath, warning, StringComparison.Ordinal);
        Assert.DoesNotContain("1.2.3", warning, StringComparison.Ordinal);
        Assert.NotEmpty(what);
    }

    private void IsRefused(string what, MmdbWriter writer) => IsRefused(what, writer.ToBytes());

    private void IsRefused(string what, byte[] bytes)
    {
        _fixture.WriteCity(bytes);
        _fixture.Start();
        _fixture.Poll();

        var warning = Assert.Single(_fixture.Log.Warnings);
        Assert.Contains(what, warning, StringComparison.Ordinal);
        Assert.Contains($"GeoIp:CityDatabase: {_fixture.CityPath} cannot be used", warning, StringComparison.Ordinal);
        Assert.Null(_fixture.Geo.Place(Address));
        Assert.Null(_fixture.Geo.Place(GeoFixture.Listed));
        Assert.Empty(_fixture.Log.Informations);
    }

    private void IsUsed(MmdbWriter writer)
    {
        _fixture.WriteCity(writer.ToBytes());
        _fixture.Start();
        Assert.Empty(_fixture.Log.Warnings);
        Assert.Single(_fixture.Log.Informations);
    }
}
