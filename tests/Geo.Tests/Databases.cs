namespace SessionCluster.Geo.Tests;

/// <summary>Small databases in the shapes of the published ones.</summary>
internal static class Databases
{
    public const string Linkoeping = "89.160.20.0/24";

    public static Dictionary<string, object> Map(params (string Key, object Value)[] pairs) => pairs.ToDictionary(p => p.Key, p => p.Value);

    public static Dictionary<string, object> AsnRecord(uint number, string? organisation = null)
    {
        var record = Map(("autonomous_system_number", number));
        if (organisation is not null)
        {
            record["autonomous_system_organization"] = organisation;
        }

        return record;
    }

    public static Dictionary<string, object> CityRecord() => Map(
        ("city", Map(("geoname_id", 2694762u), ("names", Map(("de", "Linköping"), ("en", "Linköping"), ("zh-CN", "林雪平"))))),
        ("continent", Map(("code", "EU"), ("geoname_id", 6255148u), ("names", Map(("en", "Europe"), ("fr", "Europe"))))),
        ("country", Map(("geoname_id", 2661886u), ("is_in_european_union", true), ("iso_code", "SE"), ("names", Map(("en", "Sweden"))))),
        ("location", Map(("accuracy_radius", (ushort)76), ("latitude", 58.4167), ("longitude", 15.6167), ("time_zone", "Europe/Stockholm"))),
        ("registered_country", Map(("geoname_id", 2921044u), ("iso_code", "DE"), ("names", Map(("en", "Germany"))))),
        ("subdivisions", new List<object> { Map(("geoname_id", 2685867u), ("iso_code", "E")) }));

    public static MmdbWriter Asn(int recordSize = 24, int ipVersion = 6, string organisation = "Bredband2 AB") =>
        new MmdbWriter("GeoLite2-ASN", recordSize, ipVersion)
            .Add("89.160.0.0/17", AsnRecord(29518, organisation))
            .Add("12.81.96.0/19", AsnRecord(7018));

    public static MmdbWriter City(int recordSize = 28, int ipVersion = 6) =>
        new MmdbWriter("GeoLite2-City", recordSize, ipVersion).Add(Linkoeping, CityRecord());
}
