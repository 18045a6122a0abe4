using System.Globalization;
using System.Net;
using MaxMind.Db;
using Microsoft.Extensions.Options;
using SessionCluster.Silo.Geo;
using Xunit.Abstractions;

namespace SessionCluster.Geo.Tests;

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
    [InlineData("8.8.8.8", null, null, null)]
    [InlineData("10.0.0.1", null, null, null)]
    public void Known_addresses_of_the_ASN_database(string address, long? number, string? organisation, string? network)
    {
        using var geo = Open();
        var found = geo.Asn(IPAddress.Parse(address));
        Assert.Equal(number is { } known ? new AsnInfo(known, organisation, network) : null, found);
    }

    [PublishedDataTheory]
    [InlineData("2.125.160.216", "Boxford", "GB", "EU", 51.75, -1.25)]
    [InlineData("81.2.69.142", "London", "GB", "EU", 51.5142, -0.0931)]
    [InlineData("89.160.20.112", "Linköping", "SE", "EU", 58.4167, 15.6167)]
    [InlineData("67.43.156.1", "", "BT", "AS", 27.5, 90.5)]
    public void Known_addresses_of_the_City_database(string address, string city, string country, string continent, double latitude, double longitude)
    {
        using var geo = Open();
        Assert.Equal(new GeoInfo(latitude, longitude, city, country, continent), geo.Place(IPAddress.Parse(address))!.Geo);
    }

    [OracleTheory]
    [InlineData(PublishedData.City)]
    [InlineData(PublishedData.Asn)]
    public void Every_network_and_random_addresses_are_found_as_libmaxminddb_reads_them(string name)
    {
        var file = PublishedData.File(name);
        using var geo = Open();
        var networks = Networks(file);
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
            var lines = PublishedData.Lookup(file, address.ToString());
            Assert.Equal(Expected(name, lines), name == PublishedData.City ? Said(geo.Place(address)) : Said(geo.Asn(address)));
        }

        output.WriteLine($"{networks.Count} networks and {RandomAddresses} random addresses compared.");
        Assert.True(networks.Count > 100, $"Only {networks.Count} networks found.");
    }

    private static GeoDatabases Open()
    {
        var options = new GeoIpOptions { CityDatabase = PublishedData.File(PublishedData.City), AsnDatabase = PublishedData.File(PublishedData.Asn) };
        var log = new KeptLog<GeoDatabases>();
        var geo = new GeoDatabases(Options.Create(options), TimeProvider.System, log);
        Assert.True(geo.StartAsync(CancellationToken.None).IsCompletedSuccessfully);
        Assert.Equal(2, log.Informations.Count);
        return geo;
    }

    private static List<IPAddress> Networks(string file)
    {
        using var reader = new Reader(file);
        // IPv4 in IPv6 (6to4, Teredo) are aliases of what is there anyway.
        return [.. reader.FindAll<Dictionary<string, object>>().Select(node => node.Start).Where(start => start.GetAddressBytes() is not ([0x20, 0x01, 0, 0, ..] or [0x20, 0x02, ..]))];
    }

    private static string Said(AsnInfo? found) => found is null ? "" : $"{found.Asn} {found.AsOrg}";

    private static string Said(Place? found) => found is null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"{found.Geo.Lat:F6} {found.Geo.Long:F6} {found.Geo.City} {found.Country?.Code} {found.Country?.GeonameId} {found.Continent?.Code} {found.City?.GeonameId}");

    private static string Expected(string name, List<string> lines)
    {
        if (lines.Count == 0)
        {
            return "";
        }

        var values = Values(lines);
        string At(string path) => values.GetValueOrDefault(path, "");
        return name == PublishedData.Asn
            ? $"{At("autonomous_system_number")} {At("autonomous_system_organization")}"
            : $"{At("location/latitude")} {At("location/longitude")} {At("city/names/en")} {At("country/iso_code")} {At("country/geoname_id")} {At("continent/code")} {At("city/geoname_id")}";
    }

    /// <summary>The scalars of a record that mmdblookup printed, by their paths; those of lists are left out.</summary>
    private static Dictionary<string, string> Values(List<string> lines)
    {
        var values = new Dictionary<string, string>();
        var path = new Stack<string>();
        var key = "";
        foreach (var line in lines)
        {
            if (line is "{" or "[")
            {
                path.Push(line == "[" ? "list" : key);
            }
            else if (line is "}" or "]")
            {
                path.Pop();
            }
            else if (line.EndsWith("\":", StringComparison.Ordinal))
            {
                key = line[1..^2];
            }
            else if (!path.Contains("list"))
            {
                var value = line[..line.LastIndexOf('<')].Trim();
                values[string.Join('/', path.Reverse().Append(key)).TrimStart('/')] = value is ['"', .., '"'] ? value[1..^1] : value;
            }
        }

        return values;
    }
}
