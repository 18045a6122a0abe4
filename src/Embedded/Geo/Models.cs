namespace SessionCluster.Embedded.Geo;

/// <summary>Something with a GeoNames id and names by language.</summary>
public abstract class NamedEntity
{
    private protected NamedEntity()
    {
    }

    public IReadOnlyDictionary<string, string> Names { get; internal set; } = NoNames;

    public long? GeoNameId { get; internal set; }

    /// <summary>The English name; null where there is none.</summary>
    public string? Name => Names.GetValueOrDefault("en");

    private static IReadOnlyDictionary<string, string> NoNames { get; } = new Dictionary<string, string>();
}

public sealed class City : NamedEntity;

public sealed class Continent : NamedEntity
{
    /// <summary>Two letters, such as EU.</summary>
    public string? Code { get; internal set; }
}

public sealed class Country : NamedEntity
{
    /// <summary>ISO 3166-1 alpha-2 code.</summary>
    public string? IsoCode { get; internal set; }
}

public sealed class Location
{
    /// <summary>Degrees, north positive.</summary>
    public double? Latitude { get; internal set; }

    /// <summary>Degrees, east positive.</summary>
    public double? Longitude { get; internal set; }
}

public sealed class Traits
{
    /// <summary>The largest network around the address in which the record is the same.</summary>
    public Network? Network { get; internal set; }
}

/// <summary>A record of a City database. The parts are never null; what the record lacks is empty in them.</summary>
public sealed class CityResponse
{
    public City City { get; } = new();

    public Continent Continent { get; } = new();

    public Country Country { get; } = new();

    public Location Location { get; } = new();

    public Traits Traits { get; } = new();
}

/// <summary>A record of an ASN database.</summary>
public sealed class AsnResponse
{
    public long? AutonomousSystemNumber { get; internal set; }

    public string? AutonomousSystemOrganization { get; internal set; }

    /// <summary>The largest network around the address in which the record is the same.</summary>
    public Network? Network { get; internal set; }
}
