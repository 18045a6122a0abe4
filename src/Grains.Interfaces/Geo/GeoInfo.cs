namespace SessionCluster.Geo;

/// <summary>The place of an address (City database); the seed's <c>geo</c> object.</summary>
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
