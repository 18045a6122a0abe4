using System.Text.Json.Nodes;

namespace SessionCluster.Geo;

/// <summary>The place of an address (City database); authentik's <c>geo</c> object.</summary>
/// <param name="Lat">Latitude in degrees.</param>
/// <param name="Long">Longitude in degrees.</param>
/// <param name="City">English name of the city, empty when unnamed, never null.</param>
/// <param name="Country">ISO 3166-1 code, null where the database has none.</param>
/// <param name="Continent">Two-letter continent code, null where the database has none.</param>
[GenerateSerializer, Immutable, Alias("sc.geo")]
public sealed record GeoInfo(
    [property: Id(0)] double? Lat,
    [property: Id(1)] double? Long,
    [property: Id(2)] string City,
    [property: Id(3)] string? Country,
    [property: Id(4)] string? Continent);

/// <summary>The autonomous system of an address (ASN database); authentik's <c>asn</c> object.</summary>
/// <param name="Asn">The AS number.</param>
/// <param name="AsOrg">The organisation's name, null where the database has none.</param>
/// <param name="Network">The database network (prefix) that holds the address, as CIDR text.</param>
[GenerateSerializer, Immutable, Alias("sc.asn")]
public sealed record AsnInfo(
    [property: Id(0)] long Asn,
    [property: Id(1)] string? AsOrg,
    [property: Id(2)] string? Network);

/// <summary>authentik's JSON forms of a network and a place, as lists, events and bindings show them.</summary>
public static class GeoJson
{
    /// <summary>A network: <c>{"asn", "as_org", "network"}</c>.</summary>
    public static JsonObject Of(AsnInfo asn) => new() { ["asn"] = asn.Asn, ["as_org"] = asn.AsOrg, ["network"] = asn.Network };

    /// <summary>A place: <c>{"lat", "city", "long", "country", "continent"}</c>.</summary>
    public static JsonObject Of(GeoInfo geo) => new()
    {
        ["lat"] = geo.Lat, ["city"] = geo.City, ["long"] = geo.Long, ["country"] = geo.Country, ["continent"] = geo.Continent,
    };
}
