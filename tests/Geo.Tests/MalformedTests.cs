using System.Diagnostics;
using System.Net;
using static SessionCluster.Geo.Tests.Databases;

namespace SessionCluster.Geo.Tests;

/// <summary>
/// Files that are broken are refused when they are loaded, by name and with the reason; the server goes on without them. A record that
/// is broken counts as none, and is reported once for its file.
/// </summary>
public sealed class MalformedTests : IDisposable
{
    private const long MaxAllocation = 16 << 20;

    private static readonly IPAddress Address = IPAddress.Parse("1.2.3.4");

    private readonly GeoFixture _fixture = new(asn: false);

    public static TheoryData<string, object?, string> BrokenMetadata => new()
    {
        { "binary_format_major_version", (ushort)3, "format 3" },
        { "binary_format_major_version", null, "format 0" },
        { "build_epoch", ulong.MaxValue, "built in a year that does not exist" },
        { "build_epoch", 253_402_300_800UL, "built in a year that does not exist" },
        { "build_epoch", "now", "" },
        { "database_type", null, "" },
        { "database_type", 5u, "" },
        { "description", "x", "" },
        { "ip_version", (ushort)5, "IP version 5" },
        { "ip_version", null, "IP version 0" },
        { "languages", Map(), "" },
        { "node_count", uint.MaxValue, "" },
        { "node_count", 5_000_000_000UL, "" },
        { "node_count", "1", "" },
        { "record_size", (ushort)0, "" },
        { "record_size", (ushort)26, "" },
        { "record_size", null, "" },
    };

    public static TheoryData<string, byte[]> BrokenRecords => new()
    {
        { "an extended type below 8", [0x00, 0x00] },
        { "a cache", [0x00, 0x05] },
        { "an end marker", [0x00, 0x06] },
        { "type 16", [0x00, 0x09] },
        { "type 262", [0x00, 0xFF] },
        { "a double of 7 bytes", [0x67, 0, 0, 0, 0, 0, 0, 0] },
        { "a number of 17 bytes", [0x11, 0x03, .. new byte[17]] },
        { "a key that is no text", [0xE1, 0xC0, 0x40] },
        { "a text past the end", [0x44, 1, 2, 3] },
        { "a text of 16 MB", [0x5F, 0xFF, 0xFF, 0xFF] },
        { "bytes of 16 MB", [0x9F, 0xFF, 0xFF, 0xFF] },
        { "a size that is cut off", [0x5F, 0xFF] },
        { "a map of 16 million", [0xFF, 0xFF, 0xFF, 0xFF] },
        { "a list of 16 million", [0x1F, 0x04, 0xFF, 0xFF, 0xFF] },
        { "a pointer that is cut off", [0x38, 0, 0] },
        { "a pointer past the data", [0x38, 0xFF, 0xFF, 0xFF, 0xFF] },
        { "a pointer to itself", [0x20, 0x00] },
        { "a key that is a pointer to itself", [0xE1, 0x20, 0x01] },
        { "a city that is a pointer to itself", [0xE1, 0x44, .. "city"u8, 0x20, 0x06] },
        { "names of 16 million", [0xE1, 0x44, .. "city"u8, 0xE1, 0x45, .. "names"u8, 0xFF, 0xFF, 0xFF, 0xFF] },
        { "names that hold themselves", [0xE1, 0x44, .. "city"u8, 0xE1, 0x45, .. "names"u8, 0xE1, 0x42, .. "en"u8, 0x20, 0x0D] },
        { "subdivisions that hold themselves", [0xE1, 0x4C, .. "subdivisions"u8, 0x01, 0x04, 0x20, 0x0E] },
        { "subdivisions of 16 million", [0xE1, 0x4C, .. "subdivisions"u8, 0x1F, 0x04, 0xFF, 0xFF, 0xFF] },
        { "subdivisions 100,000 deep", [0xE1, 0x4C, .. "subdivisions"u8, .. Enumerable.Range(0, 100_000).SelectMany(_ => new byte[] { 0x01, 0x04 }), 0x40] },
    };

    public static TheoryData<string, Dictionary<string, object>> SenselessRecords => new()
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
    [MemberData(nameof(BrokenMetadata))]
    public void A_file_with_metadata_that_cannot_be_is_refused(string field, object? value, string what)
    {
        var writer = City();
        writer.Metadata.Remove(field);
        if (value is not null)
        {
            writer.Metadata[field] = value;
        }

        IsRefused(what, writer.ToBytes());
    }

    [Fact]
    public void Metadata_that_hold_themselves_are_refused()
    {
        var writer = City();
        writer.Metadata["description"] = new Raw(0x20, 0x00);
        IsRefused("", writer.ToBytes());
    }

    [Fact]
    public void Metadata_may_hold_more()
    {
        var writer = City();
        writer.Metadata["later"] = new List<object> { Map(("x", 1u)) };
        IsUsed(writer);
        Assert.Equal("SE", _fixture.Geo.Place(GeoFixture.Listed)!.Geo.Country);
    }

    [Fact]
    public void A_large_file_without_metadata_is_refused_at_once()
    {
        using (var file = File.Create(_fixture.CityPath))
        {
            file.SetLength(2L << 30);
        }

        var since = Stopwatch.GetTimestamp();
        _fixture.Start();

        Assert.Contains("metadata marker", Assert.Single(_fixture.Log.Warnings), StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Theory]
    [MemberData(nameof(BrokenRecords))]
    public void A_broken_record_counts_as_none(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        var writer = new MmdbWriter("GeoLite2-City");
        CountsAsNone(writer.AddOffset("1.0.0.0/8", writer.Data.Write(new Raw(bytes))));
    }

    [Theory]
    [MemberData(nameof(SenselessRecords))]
    public void A_record_that_says_what_it_cannot_mean_counts_as_none(string what, Dictionary<string, object> record)
    {
        Assert.NotEmpty(what);
        CountsAsNone(new MmdbWriter("GeoLite2-City").Add("1.0.0.0/8", record));
    }

    [Fact]
    public void Lists_that_share_lists_count_as_none()
    {
        var writer = new MmdbWriter("GeoLite2-City");
        var inner = writer.Data.Write(new List<object> { Map() });
        for (var i = 0; i < 60; i++)
        {
            inner = writer.Data.Write(new List<object> { new Pointer(inner), new Pointer(inner) });
        }

        CountsAsNone(writer.AddOffset("1.0.0.0/8", writer.Data.Write(Map(("subdivisions", new Pointer(inner))))));
    }

    [Theory]
    [InlineData(-15)]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void A_tree_that_leads_beside_the_data_finds_nothing_there(int offset) =>
        CountsAsNone(new MmdbWriter("GeoLite2-City").AddOffset("1.0.0.0/8", offset));

    [Fact]
    public void A_tree_that_leads_back_into_itself_finds_nothing_where_the_address_ends()
    {
        IsUsed(new MmdbWriter("GeoLite2-City").Add("::/1", Map()).Alias("8000::/1", "::/0"));
        Assert.Null(_fixture.Geo.Place(IPAddress.Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
        Assert.Contains("damaged record", Assert.Single(_fixture.Log.Warnings), StringComparison.Ordinal);
    }

    /// <summary>The sound record comes last: what is before it may have places of its own in the data.</summary>
    private void CountsAsNone(MmdbWriter writer)
    {
        IsUsed(writer.Add(Linkoeping, CityRecord()));
        Assert.Equal("SE", _fixture.Geo.Place(GeoFixture.Listed)!.Geo.Country);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Null(_fixture.Geo.Place(Address));
        Assert.Null(_fixture.Geo.Place(IPAddress.Parse("1.2.3.5")));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocation);
        Assert.Equal("SE", _fixture.Geo.Place(GeoFixture.Listed)!.Geo.Country);
        var warning = Assert.Single(_fixture.Log.Warnings);
        Assert.Contains("damaged record", warning, StringComparison.Ordinal);
        Assert.Contains(_fixture.CityPath, warning, StringComparison.Ordinal);
        Assert.DoesNotContain("1.2.3", warning, StringComparison.Ordinal);
    }

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
