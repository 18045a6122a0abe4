namespace SessionCluster.Bindings;

/// <summary>The eight reasons of a broken binding, as authentik's events name them (docs/login-stage.md).</summary>
internal static class BindingReasons
{
    public const string NetworkMissing = "network.missing";
    public const string NetworkAsn = "network.asn";
    public const string NetworkAsnNetwork = "network.asn_network";
    public const string NetworkIp = "network.ip";
    public const string GeoIpMissing = "geoip.missing";
    public const string GeoIpContinent = "geoip.continent";
    public const string GeoIpCountry = "geoip.country";
    public const string GeoIpCity = "geoip.city";
}
