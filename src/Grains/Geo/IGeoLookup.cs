namespace SessionCluster.Geo;

/// <summary>Looks addresses up in the GeoIP databases; null where there is no record or no database. Never throws, never waits.</summary>
public interface IGeoLookup
{
    /// <summary>The autonomous system of an address.</summary>
    AsnInfo? Asn(IPAddress address);

    /// <summary>The place of an address, in full.</summary>
    Place? Place(IPAddress address);

    /// <summary>The databases that look-ups use.</summary>
    ImmutableArray<GeoDatabaseInfo> Databases => [];
}

/// <summary>The place of an address with what bindings compare and report.</summary>
public sealed record Place(GeoInfo Geo, PlacePart? Continent, PlacePart? Country, PlacePart? City);

/// <summary>A continent, a country or a city.</summary>
/// <param name="Code">The continent's code, or the ISO code of the country; null for a city, and where the database has none.</param>
/// <param name="GeonameId">Its id at geonames.org, where the database has one.</param>
public sealed record PlacePart(string? Code, long? GeonameId, IReadOnlyDictionary<string, string> Names);
