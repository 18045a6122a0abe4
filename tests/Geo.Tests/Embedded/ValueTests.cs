using System.Net;
using static SessionCluster.Geo.Tests.Databases;

namespace SessionCluster.Geo.Tests.Embedded;

public sealed class ValueTests
{
    private static readonly IPAddress Listed = IPAddress.Parse("1.2.3.4");

    public static TheoryData<object> Values =>
    [
        "", "a", "Łódź 🗺", new string('x', 28), new string('x', 29), new string('x', 284), new string('x', 285), new string('x', 65_820), new string('x', 65_821),
        0.0, -0.0, 51.75, double.MinValue, double.Epsilon, double.NaN, double.PositiveInfinity,
        0f, -1.25f, float.MaxValue,
        Array.Empty<byte>(), new byte[] { 0, 255 }, new byte[300],
        (ushort)0, (ushort)1, (ushort)256, ushort.MaxValue, 0u, 255u, 65_536u, uint.MaxValue, 0UL, 1UL << 33, ulong.MaxValue,
        UInt128.Zero, UInt128.One << 64, UInt128.MaxValue,
        0, 1, -1, int.MinValue, int.MaxValue,
        true, false,
    ];

    public static TheoryData<int, int> Pointers => new()
    {
        { 1, 0 }, { 1, 2_047 }, { 2, 2_048 }, { 2, 526_335 }, { 3, 526_336 }, { 3, 2_000_000 }, { 4, 0 }, { 4, 2_000_000 },
    };

    private static object? Read(MmdbWriter writer)
    {
        using var reader = DatabaseReaderTests.Open(writer);
        return reader.Find(Listed, out _);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Every_type_of_value_comes_back_as_written(object value) =>
        Assert.Equal(value, Read(new MmdbWriter().Add("1.0.0.0/8", value)));

    [Theory]
    [MemberData(nameof(Values))]
    public void Every_type_of_value_is_passed_over_where_it_is_not_used(object value)
    {
        var record = Map(("before", value), ("list", new List<object> { value, value }), ("autonomous_system_number", 7u), ("after", value));
        using var reader = DatabaseReaderTests.Open(new MmdbWriter("GeoLite2-ASN").Add("1.0.0.0/8", record));
        Assert.True(reader.TryAsn(Listed, out var found));
        Assert.Equal(7, found!.AutonomousSystemNumber);
    }

    [Fact]
    public void Maps_and_arrays_nest()
    {
        var value = Map(("list", new List<object> { 1u, Map(("deep", new List<object>())), "x" }), ("empty", Map()), ("last", true));
        Assert.Equal<object>(value, Read(new MmdbWriter().Add("1.0.0.0/8", value)));
    }

    [Theory]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(284)]
    [InlineData(285)]
    [InlineData(65_821)]
    public void Arrays_and_maps_have_every_form_of_size(int count)
    {
        var list = Enumerable.Repeat<object>(true, count).ToList();
        Assert.Equal(list, Read(new MmdbWriter().Add("1.0.0.0/8", list)));
        var map = Enumerable.Range(0, count).ToDictionary(i => Convert.ToString(i, 16), _ => (object)false);
        Assert.Equal<object>(map, Read(new MmdbWriter().Add("1.0.0.0/8", map)));
    }

    [Theory]
    [MemberData(nameof(Pointers))]
    public void Pointers_of_every_form_lead_to_keys_and_values_and_reading_goes_on_after_them(int form, int target)
    {
        var writer = new MmdbWriter();
        writer.Data.Write(new Raw(new byte[target]));
        writer.Data.Write("shared");
        var map = new Raw([0xE2]);
        var start = writer.Data.Write(map);
        writer.Data.Write(new Pointer(target, form));
        writer.Data.Write(new Pointer(target, form));
        writer.Data.Write("next");
        writer.Data.Write(new List<object> { new Pointer(target, form), 5u });
        var expected = Map(("shared", "shared"), ("next", new List<object> { "shared", 5u }));
        Assert.Equal<object>(expected, Read(writer.AddOffset("1.0.0.0/8", start)));
    }

    [Fact]
    public void Pointers_lead_to_maps_within_maps_and_a_record_may_be_one()
    {
        var writer = new MmdbWriter("GeoLite2-City");
        var names = writer.Data.Write(Map(("en", "Sweden")));
        var country = writer.Data.Write(Map(("names", new Pointer(names)), ("iso_code", "SE")));
        var flag = writer.Data.Write(true);
        var record = writer.Data.Write(Map(("x", new Pointer(flag)), ("country", new Pointer(country)), ("continent", Map(("code", "EU")))));
        using var reader = DatabaseReaderTests.Open(writer.AddOffset("1.0.0.0/8", writer.Data.Write(new Pointer(record))));
        Assert.True(reader.TryCity(Listed, out var found));
        Assert.Equal(("Sweden", "SE", "EU"), (found!.Country.Name, found.Country.IsoCode, found.Continent.Code));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public void An_identifier_may_be_of_any_integer_type(int type)
    {
        object number = type switch { 5 => (ushort)700, 6 => 700u, 8 => 700, 9 => 700UL, _ => (UInt128)700 };
        using var reader = DatabaseReaderTests.Open(new MmdbWriter("GeoLite2-City").Add("1.0.0.0/8", Map(("city", Map(("geoname_id", number))))));
        Assert.True(reader.TryCity(Listed, out var found));
        Assert.Equal(700, found!.City.GeoNameId);
    }

    [Fact]
    public void A_32_bit_integer_shorter_than_four_bytes_is_positive()
    {
        Assert.Equal(255, Read(new MmdbWriter().Add("1.0.0.0/8", new Raw(0x01, 0x01, 0xFF))));
        Assert.Equal(0, Read(new MmdbWriter().Add("1.0.0.0/8", new Raw(0x00, 0x01))));
    }

    [Fact]
    public void Coordinates_may_be_single_precision()
    {
        using var reader = DatabaseReaderTests.Open(new MmdbWriter("GeoLite2-City").Add("1.0.0.0/8", Map(("location", Map(("latitude", 1.5f), ("longitude", -2.25f))))));
        Assert.True(reader.TryCity(Listed, out var found));
        Assert.Equal((1.5, -2.25), (found!.Location.Latitude, found.Location.Longitude));
    }

    [Fact]
    public void Of_equal_keys_the_last_counts()
    {
        var twice = new MmdbWriter();
        var start = twice.Data.Write(new Raw([0xE2, 0x41, (byte)'k', 0x41, (byte)'1', 0x41, (byte)'k', 0x41, (byte)'2']));
        Assert.Equal<object>(Map(("k", "2")), Read(twice.AddOffset("1.0.0.0/8", start)));
    }
}
