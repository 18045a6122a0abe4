using SessionCluster.Geo;

namespace SessionCluster.Grains.Tests.Bindings;

/// <summary>Places to move between.</summary>
internal static class Places
{
    private static readonly ContinentPart EuropePart = new("EU", 6255148, Names("Europe"));
    private static readonly ContinentPart AmericaPart = new("NA", 6255149, Names("North America"));
    private static readonly CountryPart GermanyPart = new("DE", 2921044, Names("Germany"));
    private static readonly CountryPart FrancePart = new("FR", 3017382, Names("France"));
    private static readonly CountryPart StatesPart = new("US", 6252001, Names("United States"));

    public static Place Berlin { get; } = At(EuropePart, GermanyPart, new CityPart(2950159, Names("Berlin")));

    public static Place BerlinElsewhere { get; } = new(
        new GeoInfo(-1, -2, "Berlin-Mitte", "DE", "EU"),
        EuropePart with { Names = Names("Europa") },
        GermanyPart with { Names = Names("Deutschland") },
        new CityPart(2950159, Names("Berlin-Mitte")));

    public static Place Munich { get; } = At(EuropePart, GermanyPart, new CityPart(2867714, Names("Berlin")));

    public static Place Paris { get; } = At(EuropePart, FrancePart, new CityPart(2950159, Names("Paris")));

    public static Place Boston { get; } = At(AmericaPart, StatesPart, new CityPart(4930956, Names("Boston")));

    public static Place Germany { get; } = At(EuropePart, GermanyPart, null);

    public static Place Europe { get; } = At(EuropePart, null, null);

    public static Place Nowhere { get; } = At(null, null, null);

    public static Place At(ContinentPart? continent, CountryPart? country, CityPart? city) => new(
        new GeoInfo(51.2993, 9.491, city is null ? "" : city.Names["en"], country?.IsoCode, continent?.Code), continent, country, city);

    public static IReadOnlyDictionary<string, string> Names(string english) => new Dictionary<string, string> { ["en"] = english };
}
