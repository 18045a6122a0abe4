using System.Globalization;
using System.Net;
using Xunit.Abstractions;

namespace SessionCluster.Geo.Tests.Embedded;

/// <summary>The published test databases, by known addresses and against libmaxminddb.</summary>
public sealed class PublishedDataTests(ITestOutputHelper output)
{
    private const int RandomAddresses = 150;

    [PublishedDataTheory]
    [InlineData("1.0.0.1", 15169L, "Google Inc.", "1.0.0.0/24")]
    [InlineData("1.128.0.1", 1221L, "Telstra Pty Ltd", "1.128.0.0/11")]
    [InlineData("12.81.96.1", 7018L, null, "12.81.96.0/19")]
    [InlineData("12.81.128.1", 7018L, null, "12.81.128.0/17")]
    [InlineData("89.160.20.112", 29518L, "Bredband2 AB", "89.160.0.0/17")]
    [InlineData("67.43.156.1", 35908L, null, "67.43.152.0/21")]
    [InlineData("8.8.8.8", null, null, null)]
    [InlineData("10.0.0.1", null, null, null)]
    public void Known_addresses_of_the_ASN_database(string address, long? number, string? organisation, string? network)
    {
        using var reader = new DatabaseReader(PublishedData.File(PublishedData.Asn));
        Assert.Equal(number is not null, reader.TryAsn(IPAddress.Parse(address), out var found));
        Assert.Equal(number, found?.AutonomousSystemNumber);
        Assert.Equal(network, found?.Network?.ToString());
        if (organisation is not null || address.StartsWith("12.", StringComparison.Ordinal))
        {
            Assert.Equal(organisation, found?.AutonomousSystemOrganization);
        }
    }

    [PublishedDataTheory]
    [InlineData("2.125.160.216", "Boxford", "GB", "EU", 51.75, -1.25)]
    [InlineData("81.2.69.142", "London", "GB", "EU", 51.5142, -0.0931)]
    [InlineData("89.160.20.112", "Linköping", "SE", "EU", 58.4167, 15.6167)]
    [InlineData("67.43.156.1", null, "BT", "AS", 27.5, 90.5)]
    public void Known_addresses_of_the_City_database(string address, string? city, string country, string continent, double latitude, double longitude)
    {
        using var reader = new DatabaseReader(PublishedData.File(PublishedData.City));
        Assert.True(reader.TryCity(IPAddress.Parse(address), out var found));
        Assert.Equal((city, country, continent), (found!.City.Name, found.Country.IsoCode, found.Continent.Code));
        Assert.Equal((latitude, longitude), (found.Location.Latitude, found.Location.Longitude));
    }

    [OracleTheory]
    [InlineData(PublishedData.City)]
    [InlineData(PublishedData.Asn)]
    public void Every_network_and_random_addresses_read_as_libmaxminddb_reads_them(string name)
    {
        var file = PublishedData.File(name);
        using var reader = new DatabaseReader(file);
        var networks = Networks(reader, IPAddress.Any).Concat(Networks(reader, IPAddress.IPv6Any)).ToList();
        var random = new Random(20260204);
        var bytes = new byte[4];
        var addresses = networks.ToList();
        for (var i = 0; i < RandomAddresses; i++)
        {
            random.NextBytes(bytes);
            addresses.Add(new IPAddress(bytes));
        }

        foreach (var address in addresses)
        {
            Assert.Equal(PublishedData.Lookup(file, address.ToString()), Lines(reader.Find(address, out _)));
        }

        output.WriteLine($"{networks.Count} networks and {RandomAddresses} random addresses compared.");
        Assert.True(networks.Count > 100, $"Only {networks.Count} networks found.");
    }

    [ToolFact]
    public void What_the_test_writer_writes_is_what_libmaxminddb_reads()
    {
        using var folder = new TempFolder();
        var value = Databases.Map(
            ("text", "Łódź"), ("number", 1.25), ("bytes", new byte[] { 0, 171, 255 }), ("u16", (ushort)65_535), ("u32", 4_000_000_000u), ("i32", -5),
            ("u64", ulong.MaxValue), ("u128", UInt128.MaxValue), ("no", false), ("yes", true), ("single", 1.5f),
            ("list", new List<object> { 1u, "x", new List<object> { 2u } }), ("long", new string('y', 70_000)));
        foreach (var size in (int[])[24, 28, 32])
        {
            var path = folder.Write($"{size}.mmdb", new MmdbWriter("Test", size).Add("1.2.0.0/16", value).ToBytes());
            using var reader = new DatabaseReader(path);
            Assert.Equal(PublishedData.Lookup(path, "1.2.3.4"), Lines(reader.Find(IPAddress.Parse("1.2.3.4"), out _)));
        }
    }

    /// <summary>The first address of every network with a record, in order; without the aliases of IPv4 in IPv6.</summary>
    private static IEnumerable<IPAddress> Networks(DatabaseReader reader, IPAddress first)
    {
        var size = first.GetAddressBytes().Length;
        var at = UInt128.Zero;
        while (true)
        {
            var bytes = new byte[16];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, at);
            var address = new IPAddress(bytes.AsSpan(16 - size));
            var found = reader.Find(address, out var network);
            var alias = size == 16 && (bytes.AsSpan(0, 10).IndexOfAnyExcept((byte)0) < 0 || bytes is [0x20, 0x01, 0, 0, ..] or [0x20, 0x02, ..]);
            if (found is not null && !alias)
            {
                yield return address;
            }

            var next = at + (UInt128.One << ((size * 8) - network.PrefixLength));
            if (next <= at || (size == 4 && next > uint.MaxValue))
            {
                yield break;
            }

            at = next;
        }
    }

    /// <summary>A value in the form that mmdblookup prints.</summary>
    private static List<string> Lines(object? value)
    {
        var lines = new List<string>();
        if (value is not null)
        {
            Append(lines, value);
        }

        return lines;
    }

    private static void Append(List<string> lines, object value)
    {
        switch (value)
        {
            case IReadOnlyDictionary<string, object> map:
                lines.Add("{");
                foreach (var (key, item) in map)
                {
                    lines.Add($"\"{key}\":");
                    Append(lines, item);
                }

                lines.Add("}");
                break;
            case IReadOnlyList<object> list:
                lines.Add("[");
                foreach (var item in list)
                {
                    Append(lines, item);
                }

                lines.Add("]");
                break;
            default:
                lines.Add(Scalar(value));
                break;
        }
    }

    private static string Scalar(object value) => value switch
    {
        string text => $"\"{text}\" <utf8_string>",
        double number => $"{number.ToString("F6", CultureInfo.InvariantCulture)} <double>",
        float number => $"{number.ToString("F6", CultureInfo.InvariantCulture)} <float>",
        byte[] bytes => $"{Convert.ToHexString(bytes)} <bytes>",
        ushort number => $"{number} <uint16>",
        uint number => $"{number} <uint32>",
        int number => $"{number} <int32>",
        ulong number => $"{number} <uint64>",
        UInt128 number => $"0x{number:X} <uint128>",
        bool flag => $"{(flag ? "true" : "false")} <boolean>",
        _ => throw new ArgumentException(value.GetType().Name, nameof(value)),
    };
}
