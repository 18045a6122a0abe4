namespace SessionCluster.Embedded.Geo;

/// <summary>What a database says of itself.</summary>
public sealed class Metadata
{
    internal Metadata()
    {
    }

    /// <summary>2, the one version there is.</summary>
    public int BinaryFormatMajorVersion { get; internal init; }

    public int BinaryFormatMinorVersion { get; internal init; }

    /// <summary>When the database was built, UTC.</summary>
    public DateTime BuildDate => DateTimeOffset.FromUnixTimeSeconds(BuildEpoch).UtcDateTime;

    /// <summary>Such as GeoLite2-City.</summary>
    public string DatabaseType { get; internal init; } = "";

    public IDictionary<string, string> Description { get; internal init; } = new Dictionary<string, string>();

    /// <summary>4 or 6; a tree of 6 holds IPv4 as ::a.b.c.d.</summary>
    public int IPVersion { get; internal init; }

    public IReadOnlyList<string> Languages { get; internal init; } = [];

    internal long BuildEpoch { get; init; }

    internal long NodeCount { get; init; }

    /// <summary>Bits of one record of a node: 24, 28 or 32.</summary>
    internal int RecordSize { get; init; }

    internal long TreeSize => NodeCount * RecordSize / 4;
}
