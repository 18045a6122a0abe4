namespace SessionCluster.Api.Pages.Words;

internal static class BindingWords
{
    public static string Of(NetworkBinding binding) => binding switch
    {
        NetworkBinding.Asn => "Operator",
        NetworkBinding.AsnNetwork => "Network",
        NetworkBinding.AsnNetworkIp => "Address",
        _ => "Nothing",
    };

    public static string Of(GeoIpBinding binding) => binding switch
    {
        GeoIpBinding.Continent => "Continent",
        GeoIpBinding.ContinentCountry => "Country",
        GeoIpBinding.ContinentCountryCity => "City",
        _ => "Nothing",
    };

    public static string Long(string mode) => mode switch
    {
        "bind_asn" => "Operator",
        "bind_asn_network" => "Operator and network",
        "bind_asn_network_ip" => "Operator, network and address",
        "bind_continent" => "Continent",
        "bind_continent_country" => "Continent and country",
        "bind_continent_country_city" => "Continent, country and city",
        _ => mode,
    };

    /// <summary>Both in a few words: "Operator, country".</summary>
    public static string Short(NetworkBinding network, GeoIpBinding place) => (network, place) switch
    {
        (NetworkBinding.None, _) => Of(place),
        (_, GeoIpBinding.None) => Of(network),
        _ => $"{Of(network)}, {Of(place).ToLowerInvariant()}",
    };

    /// <summary>A sentence for the session's owner; null when it is bound to nothing.</summary>
    public static string? Sentence(NetworkBinding network, GeoIpBinding place) => (network, place) switch
    {
        (NetworkBinding.None, GeoIpBinding.None) => null,
        (NetworkBinding.None, _) => $"Tied to this {Of(place).ToLowerInvariant()}: used from elsewhere, it ends by itself.",
        (_, GeoIpBinding.None) => $"Tied to this {Of(network).ToLowerInvariant()}: used from elsewhere, it ends by itself.",
        _ => $"Tied to this {Of(network).ToLowerInvariant()} and {Of(place).ToLowerInvariant()}: used from elsewhere, it ends by itself.",
    };
}
