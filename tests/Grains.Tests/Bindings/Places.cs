using SessionCluster.Geo;

namespace SessionCluster.Grains.Tests.Bindings;

/// <summary>Places to move between.</summary>
internal static class Places
{
    private static readonly PlacePart EuropePart = new("EU", 6255148, Names("Europe"));
    private static readonly PlacePart AmericaPart = new("NA", 6255149, Names("North America"));
    private static readonly PlacePart GermanyPart = new("DE", 2921044, Names("Germany"));
    private static readonly PlacePart FrancePart = new("FR", 3017382, Names("France"));
    private static readonly PlacePart StatesPart = new("US", 6252001, Names("United States"));

    public static Place Berlin { get; } = At(EuropePart, GermanyPart, new PlacePart(null, 2950159, Names("Berlin")));

    public static Place BerlinElsewhere { get; } = new(
        new GeoInfo(-1, -2, "Berlin-Mitte", "DE", "EU"),
        EuropePart with { Names = Names("Europa") },
        GermanyPart with { Names = Names("Deutschland") },
        new PlacePart(null, 2950159, Names("Berlin-Mitte")));

    public static Place Munich { get; } = At(EuropePart, GermanyPart, new PlacePart(null, 2867714, Names("Berlin")));

    /// <summary>A city in Germany of which the database has the name alone.</summary>
    public static Place NamedOnly(string city) => At(EuropePart, GermanyPart, new PlacePart(null, null, Names(city)));

    public static Place Paris { get; } = At(EuropePart, FrancePart, new PlacePart(null, 2950159, Names("Paris")));

    public static Place Boston { get; } = At(AmericaPart, StatesPart, new PlacePart(null, 4930956, Names("Boston")));

    public static Place Germany { get; } = At(EuropePart, GermanyPart, null);

    public static Place Europe { get; } = At(EuropePart, null, null);

    public static Place Nowhere { get; } = At(null, null, null);

    public static Place At(PlacePart? continent, PlacePart? country, PlacePart? city) => new(
        new GeoInfo(51.2993, 9.491, city is null ? "" : city.Names["en"], country?.Code, continent?.Code), continent, country, city);

    public static IReadOnlyDictionary<string, string> Names(string english) => new Dictionary<string, string> { ["en"] = english };
}
