namespace SessionCluster.Bindings;

/// <summary>The names that authentik gives the binding modes in its API.</summary>
public static class BindingNames
{
    private static readonly string[] NetworkNames = ["no_binding", "bind_asn", "bind_asn_network", "bind_asn_network_ip"];

    private static readonly string[] GeoIpNames =
        ["no_binding", "bind_continent", "bind_continent_country", "bind_continent_country_city"];

    /// <summary>All network binding names, weakest first.</summary>
    public static ReadOnlySpan<string> Network => NetworkNames;

    /// <summary>All GeoIP binding names, weakest first.</summary>
    public static ReadOnlySpan<string> GeoIp => GeoIpNames;

    /// <summary>The API name of a network binding.</summary>
    public static string Of(NetworkBinding binding) => NetworkNames[(int)binding];

    /// <summary>The API name of a GeoIP binding.</summary>
    public static string Of(GeoIpBinding binding) => GeoIpNames[(int)binding];

    /// <summary>Reads a network binding's name; case-sensitive, as authentik's choices are.</summary>
    public static bool TryParse(string? text, out NetworkBinding binding)
    {
        var index = Array.IndexOf(NetworkNames, text);
        binding = (NetworkBinding)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Reads a GeoIP binding's name; case-sensitive, as authentik's choices are.</summary>
    public static bool TryParse(string? text, out GeoIpBinding binding)
    {
        var index = Array.IndexOf(GeoIpNames, text);
        binding = (GeoIpBinding)Math.Max(index, 0);
        return index >= 0;
    }
}
