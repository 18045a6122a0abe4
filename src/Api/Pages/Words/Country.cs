using System.Collections.Frozen;

namespace SessionCluster.Api.Pages.Words;

/// <summary>English names of countries by their ISO 3166-1 codes, and of continents.</summary>
internal static class Country
{
    private static readonly FrozenDictionary<string, string> Names =
        JsonSerializer.Deserialize<Dictionary<string, string>>(Embedded.Bytes("SessionCluster.Api.Pages.Words.countries.json"))!.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The name; the code itself where there is none.</summary>
    public static string Name(string code) => Names.GetValueOrDefault(code, code);

    public static string Continent(string? code) => code switch
    {
        "AF" => "Africa",
        "AN" => "Antarctica",
        "AS" => "Asia",
        "EU" => "Europe",
        "NA" => "North America",
        "OC" => "Oceania",
        "SA" => "South America",
        null or "" => "not known",
        _ => code,
    };
}

internal static class PlaceWords
{
    /// <summary>City and country; <paramref name="unknown"/> where neither is known.</summary>
    public static string Of(GeoInfo? geo, string unknown = "Not known") => Of(geo?.City, geo?.Country is { } code ? Country.Name(code) : null, unknown);

    /// <summary>The same, short: the country by its code.</summary>
    public static string Short(GeoInfo? geo) => Of(geo?.City, geo?.Country, "Place not known");

    /// <summary>The operator of a network, or its number.</summary>
    public static string Of(AsnInfo? asn, string unknown = "Not known") => asn is null ? unknown : asn.AsOrg ?? $"AS{asn.Asn}";

    private static string Of(string? city, string? country, string unknown) => (city, country) switch
    {
        ({ Length: > 0 }, not null) => $"{city}, {country}",
        ({ Length: > 0 }, null) => city,
        (_, not null) => country,
        _ => unknown,
    };
}
