namespace SessionCluster.Domain.Tests.Clusters;

/// <summary>The databases of <see cref="Places"/>, as settings.</summary>
internal static class GeoFiles
{
    public static Dictionary<string, string?> Write(TempFolder folder) => new()
    {
        ["GeoIp:CityDatabase"] = folder.Write("city.mmdb", Places.CityDatabase()),
        ["GeoIp:AsnDatabase"] = folder.Write("asn.mmdb", Places.AsnDatabase()),
    };
}
