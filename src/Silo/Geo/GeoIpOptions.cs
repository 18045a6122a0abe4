namespace SessionCluster.Silo.Geo;

/// <summary>Where the GeoIP databases are; section <c>GeoIp</c> of the settings.</summary>
public sealed class GeoIpOptions
{
    public const string Section = "GeoIp";

    /// <summary>Path of an MMDB file of type City; empty for none.</summary>
    public string? CityDatabase { get; set; }

    /// <summary>Path of an MMDB file of type ASN; empty for none.</summary>
    public string? AsnDatabase { get; set; }
}
