using System.Net;

namespace SessionCluster.Geo;

/// <summary>Looks addresses up in the GeoIP databases; null where there is no record or no database. Never throws, never waits.</summary>
public interface IGeoLookup
{
    /// <summary>The autonomous system of an address.</summary>
    AsnInfo? Asn(IPAddress address);

    /// <summary>The place of an address, in full.</summary>
    Place? Place(IPAddress address);
}

/// <summary>The place of an address with what bindings compare and report.</summary>
public sealed record Place(GeoInfo Geo, ContinentPart? Continent, CountryPart? Country, CityPart? City);

/// <summary>A continent: <c>{code, geoname_id, names}</c>.</summary>
public sealed record ContinentPart(string? Code, long? GeonameId, IReadOnlyDictionary<string, string> Names);

/// <summary>A country: <c>{iso_code, geoname_id, names}</c>.</summary>
public sealed record CountryPart(string? IsoCode, long? GeonameId, IReadOnlyDictionary<string, string> Names);

/// <summary>A city: <c>{geoname_id, names}</c>.</summary>
public sealed record CityPart(long? GeonameId, IReadOnlyDictionary<string, string> Names);
