using System.Net;
using static SessionCluster.Geo.Tests.Databases;

namespace SessionCluster.Geo.Tests.Embedded;

public sealed class MalformedTests
{
    private static readonly IPAddress Listed = IPAddress.Parse("1.2.3.4");

    public static TheoryData<string, byte[]> BrokenValues => new()
    {
        { "type 7", [0x00, 0x00] },
        { "type 12", [0x00, 0x05] },
        { "type 13", [0x00, 0x06] },
        { "type 16", [0x00, 0x09] },
        { "type 262", [0x00, 0xFF] },
        { "a Double of 7 bytes", [0x67, 0, 0, 0, 0, 0, 0, 0] },
        { "a Float of 3 bytes", [0x03, 0x08, 0, 0, 0] },
        { "a boolean of 2", [0x02, 0x07] },
        { "a UInt16 of 3 bytes", [0xA3, 0, 0, 0] },
        { "a UInt32 of 5 bytes", [0xC5, 0, 0, 0, 0, 0] },
        { "a UInt64 of 9 bytes", [0x09, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
        { "a UInt128 of 17 bytes", [0x11, 0x03, .. new byte[17]] },
        { "a Int32 of 5 bytes", [0x05, 0x01, 0, 0, 0, 0, 0] },
        { "not UTF-8", [0x42, 0xC3, 0x28] },
        { "text was expected", [0xE1, 0xC0, 0x40] },
        { "runs past the end", [0x44, 1, 2, 3] },
        { "runs past the end", [0x5F, 0xFF, 0xFF, 0xFF] },
        { "runs past the end", [0x9F, 0xFF, 0xFF, 0xFF] },
        { "a value is cut off", [0x5F, 0xFF] },
        { "a value is cut off", [0xE1, 0x41, (byte)'k', 0x5D] },
        { "a value is cut off", [0x38, 0, 0] },
        { "does not fit", [0xE1, 0x40] },
        { "does not fit", [0xFF, 0xFF, 0xFF, 0xFF] },
        { "does not fit", [0x1F, 0x04, 0xFF, 0xFF, 0xFF] },
        { "past the end of its section", [0x20, 0xFF] },
        { "past the end of its section", [0x38, 0xFF, 0xFF, 0xFF, 0xFF] },
        { "a pointer leads to another pointer", [0x20, 0x00] },
    };

    public static TheoryData<string, object?, string> BrokenMetadata => new()
    {
        { "binary_format_major_version", (ushort)3, "binary_format_major_version is 3" },
        { "binary_format_major_version", null, "no binary_format_major_version" },
        { "build_epoch", ulong.MaxValue, "too large" },
        { "build_epoch", 253_402_300_800UL, "build_epoch" },
        { "database_type", null, "no database_type" },
        { "database_type", 5u, "text was expected, not UInt32" },
        { "description", "x", "a map was expected, not Text" },
        { "ip_version", (ushort)5, "ip_version is 5" },
        { "ip_version", null, "no ip_version" },
        { "languages", Map(), "an array was expected, not Map" },
        { "node_count", 0u, "node_count is 0" },
        { "node_count", uint.MaxValue, "more than the" },
        { "node_count", 5_000_000_000UL, "node_count" },
        { "node_count", "1", "an unsigned integer was expected" },
        { "record_size", (ushort)0, "record_size is 0" },
        { "record_size", (ushort)26, "record_size is 26" },
        { "record_size", null, "no record_size" },
    };

    [Theory]
    [MemberData(nameof(BrokenValues))]
    public void A_broken_value_is_named_with_its_place(string what, byte[] bytes)
    {
        using var reader = DatabaseReaderTests.Open(new MmdbWriter().Add("1.0.0.0/8", new Raw(bytes)));
        var e = Assert.Throws<InvalidDatabaseException>(() => reader.Find(Listed, out _));
        Assert.Contains(what, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("Broken at byte ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BrokenMetadata))]
    public void Metadata_that_cannot_be_are_named(string field, object? value, string message)
    {
        var writer = Asn();
        writer.Metadata.Remove(field);
        if (value is not null)
        {
            writer.Metadata[field] = value;
        }

        var e = Assert.Throws<InvalidDatabaseException>(() => DatabaseReaderTests.Open(writer));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_may_hold_more_and_point_within_themselves()
    {
        var writer = Asn();
        writer.Metadata["later"] = new List<object> { Map(("x", 1u)) };
        using var reader = DatabaseReaderTests.Open(writer);
        Assert.Equal("GeoLite2-ASN", reader.Metadata.DatabaseType);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    public void A_record_that_leads_into_the_separator_is_refused(int into)
    {
        var e = Assert.Throws<InvalidDatabaseException>(() => DatabaseReaderTests.Open(new MmdbWriter().Add("::/1", "x").AddOffset("8000::/1", into - 16)));
        Assert.StartsWith("Broken at byte 0: node 0 leads to record", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_may_lead_to_the_last_byte_of_data_and_not_past_it()
    {
        var writer = new MmdbWriter().Add("::/1", "x");
        var last = writer.Data.Write(new Raw(0x40));
        using (var reader = DatabaseReaderTests.Open(writer.AddOffset("8000::/1", last)))
        {
            Assert.Equal("", reader.Find(IPAddress.Parse("8000::"), out _));
        }

        Assert.Throws<InvalidDatabaseException>(() => DatabaseReaderTests.Open(writer.AddOffset("8000::/1", last + 1)));
    }

    [Fact]
    public void A_tree_that_leads_back_into_itself_ends_with_the_address()
    {
        using var reader = DatabaseReaderTests.Open(new MmdbWriter().Add("::/1", "x").Alias("8000::/1", "::/0"));
        var e = Assert.Throws<InvalidDatabaseException>(() => reader.Find(IPAddress.Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), out _));
        Assert.Contains("past the last bit", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_separator_that_is_not_zero_is_refused()
    {
        var bytes = new MmdbWriter().Add("::/1", "x").ToBytes();
        bytes[6 + 3] = 1;
        var e = Assert.Throws<InvalidDatabaseException>(() => new DatabaseReader(new MemoryStream(bytes)));
        Assert.Contains("Broken at byte 9", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        Assert.IsType<List<object>>(Nested(AnyValue.MaxDepth));
        var e = Assert.Throws<InvalidDatabaseException>(() => Nested(AnyValue.MaxDepth + 1));
        Assert.Contains("deep", e.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDatabaseException>(() => Nested(100_000));

        static object? Nested(int depth)
        {
            var bytes = Enumerable.Range(0, depth).SelectMany(_ => new byte[] { 0x01, 0x04 }).Append((byte)0x40).ToArray();
            using var reader = DatabaseReaderTests.Open(new MmdbWriter().Add("1.0.0.0/8", new Raw(bytes)));
            return reader.Find(Listed, out _);
        }
    }

    [Fact]
    public void Deep_nesting_in_a_field_that_is_not_used_is_passed_over()
    {
        var deep = new Raw([.. Enumerable.Range(0, 100_000).SelectMany(_ => new byte[] { 0x01, 0x04 }), 0x40]);
        using var reader = DatabaseReaderTests.Open(new MmdbWriter("GeoLite2-ASN").Add("1.0.0.0/8", Map(("x", deep), ("autonomous_system_number", 1u))));
        Assert.True(reader.TryAsn(Listed, out _));
    }

    [Fact]
    public void A_map_that_holds_itself_ends_in_an_exception()
    {
        var writer = new MmdbWriter();
        writer.Data.Write(new Raw(0xE1, 0x41, (byte)'k', 0x20, 0x00));
        using var reader = DatabaseReaderTests.Open(writer.AddOffset("1.0.0.0/8", 0));
        Assert.Throws<InvalidDatabaseException>(() => reader.Find(Listed, out _));
    }

    [Fact]
    public void Lists_that_share_lists_cannot_grow_without_bound()
    {
        var writer = new MmdbWriter();
        var inner = writer.Data.Write(new List<object> { "x" });
        for (var i = 0; i < 60; i++)
        {
            inner = writer.Data.Write(new List<object> { new Pointer(inner), new Pointer(inner) });
        }

        using var reader = DatabaseReaderTests.Open(writer.AddOffset("1.0.0.0/8", inner));
        var e = Assert.Throws<InvalidDatabaseException>(() => reader.Find(Listed, out _));
        Assert.Contains("more than", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_share_a_long_text_cannot_grow_without_bound()
    {
        var writer = new MmdbWriter("GeoLite2-City");
        var text = writer.Data.Write(new string('x', 60_000));
        var names = Enumerable.Range(0, 1_000).ToDictionary(i => $"{i}", _ => (object)new Pointer(text));
        using var reader = DatabaseReaderTests.Open(writer.Add("1.0.0.0/8", Map(("city", Map(("names", names))))));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDatabaseException>(() => reader.TryCity(Listed, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Theory]
    [InlineData("city")]
    [InlineData("continent")]
    [InlineData("country")]
    [InlineData("location")]
    public void A_part_of_the_wrong_type_is_named(string part)
    {
        using var reader = DatabaseReaderTests.Open(new MmdbWriter("GeoLite2-City").Add("1.0.0.0/8", Map((part, "text"))));
        var e = Assert.Throws<InvalidDatabaseException>(() => reader.TryCity(Listed, out _));
        Assert.Contains("a map was expected, not Text", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_no_identifier_can_be_is_named()
    {
        using var reader = DatabaseReaderTests.Open(new MmdbWriter("GeoLite2-ASN").Add("1.0.0.0/8", Map(("autonomous_system_number", ulong.MaxValue))));
        var e = Assert.Throws<InvalidDatabaseException>(() => reader.TryAsn(Listed, out _));
        Assert.Contains("18446744073709551615 is too large", e.Message, StringComparison.Ordinal);
    }
}
