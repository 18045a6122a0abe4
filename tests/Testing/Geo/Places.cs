namespace SessionCluster.Testing.Geo;

/// <summary>Addresses and what the small databases of these tests say of them.</summary>
internal static class Places
{
    /// <summary>AS 64500, network A, Berlin.</summary>
    public const string Berlin = "100.64.0.1";

    /// <summary>Another address of the same network and city.</summary>
    public const string BerlinToo = "100.64.0.2";

    /// <summary>AS 64500, another network, Berlin.</summary>
    public const string BerlinOtherNetwork = "100.64.16.1";

    /// <summary>AS 64501, Berlin.</summary>
    public const string BerlinOtherAsn = "100.64.32.1";

    /// <summary>AS 64500, network A, Germany, no city.</summary>
    public const string GermanyNoCity = "100.64.0.65";

    /// <summary>AS 64500, network A, Hamburg.</summary>
    public const string Hamburg = "100.64.0.129";

    /// <summary>AS 64500, network A, Paris.</summary>
    public const string Paris = "100.64.0.193";

    /// <summary>AS 64502, Tokyo.</summary>
    public const string Tokyo = "100.64.48.1";

    /// <summary>IPv6: AS 64503, Berlin.</summary>
    public const string BerlinV6 = "2001:db8::1";

    /// <summary>In no database.</summary>
    public const string Nowhere = "192.0.2.1";

    /// <summary>In no database either.</summary>
    public const string NowhereElse = "198.51.100.1";

    public static byte[] AsnDatabase() => new MmdbWriter("GeoLite2-ASN")
        .Add("100.64.0.0/24", Asn(64500, "Example Net"))
        .Add("100.64.16.0/24", Asn(64500, "Example Net"))
        .Add("100.64.32.0/24", Asn(64501, "Another Net"))
        .Add("100.64.48.0/24", Asn(64502, null))
        .Add("2001:db8::/48", Asn(64503, "Net Six"))
        .ToBytes();

    public static byte[] CityDatabase() => new MmdbWriter("GeoLite2-City")
        .Add("100.64.0.0/26", City("EU", 6255148, "DE", 2921044, "Berlin", 2950159, 52.5, 13.4))
        .Add("100.64.0.64/26", City("EU", 6255148, "DE", 2921044, null, 0, 51.2993, 9.491))
        .Add("100.64.0.128/26", City("EU", 6255148, "DE", 2921044, "Hamburg", 2911298, 53.55, 10))
        .Add("100.64.0.192/26", City("EU", 6255148, "FR", 3017382, "Paris", 2988507, 48.85, 2.35))
        .Add("100.64.16.0/24", City("EU", 6255148, "DE", 2921044, "Berlin", 2950159, 52.5, 13.4))
        .Add("100.64.32.0/24", City("EU", 6255148, "DE", 2921044, "Berlin", 2950159, 52.5, 13.4))
        .Add("100.64.48.0/24", City("AS", 6255147, "JP", 1861060, "Tokyo", 1850147, 35.7, 139.7))
        .Add("2001:db8::/48", City("EU", 6255148, "DE", 2921044, "Berlin", 2950159, 52.5, 13.4))
        .ToBytes();

    private static Dictionary<string, object> Asn(uint number, string? organisation)
    {
        var record = new Dictionary<string, object> { ["autonomous_system_number"] = number };
        if (organisation is not null)
        {
            record["autonomous_system_organization"] = organisation;
        }

        return record;
    }

    private static Dictionary<string, object> City(
        string continent, uint continentId, string country, uint countryId, string? city, uint cityId, double latitude, double longitude)
    {
        var record = new Dictionary<string, object>
        {
            ["continent"] = Part(continentId, $"Continent {continent}", ("code", continent)),
            ["country"] = Part(countryId, $"Country {country}", ("iso_code", country)),
            ["location"] = new Dictionary<string, object> { ["latitude"] = latitude, ["longitude"] = longitude },
        };
        if (city is not null)
        {
            record["city"] = Part(cityId, city);
        }

        return record;
    }

    private static Dictionary<string, object> Part(uint id, string name, params (string Key, string Value)[] more)
    {
        var part = new Dictionary<string, object>
        {
            ["geoname_id"] = id,
            ["names"] = new Dictionary<string, object> { ["en"] = name },
        };
        foreach (var (key, value) in more)
        {
            part[key] = value;
        }

        return part;
    }
}
