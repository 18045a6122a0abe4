namespace SessionCluster.Bindings;

/// <summary>
/// How tightly a session is bound to the network of its login: authentik's Network binding, see docs/login-stage.md. Stored by number, as the
/// next one: never renumber. A row with a number that a program does not know is refused by it, so a release that offers a new mode comes
/// after one that checks it.
/// </summary>
public enum NetworkBinding
{
    /// <summary><c>no_binding</c>: the network is not checked.</summary>
    None = 0,

    /// <summary><c>bind_asn</c>: the AS number must stay.</summary>
    Asn = 1,

    /// <summary><c>bind_asn_network</c>: the database network (prefix) must stay too.</summary>
    AsnNetwork = 2,

    /// <summary><c>bind_asn_network_ip</c>: the address must stay too.</summary>
    AsnNetworkIp = 3,
}

/// <summary>How tightly a session is bound to the place of its login: authentik's GeoIP binding, see docs/login-stage.md.</summary>
public enum GeoIpBinding
{
    /// <summary><c>no_binding</c>: the place is not checked.</summary>
    None = 0,

    /// <summary><c>bind_continent</c>: the continent must stay.</summary>
    Continent = 1,

    /// <summary><c>bind_continent_country</c>: the country must stay too.</summary>
    ContinentCountry = 2,

    /// <summary><c>bind_continent_country_city</c>: the city must stay too.</summary>
    ContinentCountryCity = 3,
}

/// <summary>The names that authentik gives the binding modes in its API: case-sensitive, each at the number of its mode.</summary>
public static class BindingNames
{
    /// <summary>The names of <see cref="NetworkBinding"/>, weakest first.</summary>
    public static readonly ImmutableArray<string> Network = ["no_binding", "bind_asn", "bind_asn_network", "bind_asn_network_ip"];

    /// <summary>The names of <see cref="GeoIpBinding"/>, weakest first.</summary>
    public static readonly ImmutableArray<string> GeoIp =
        ["no_binding", "bind_continent", "bind_continent_country", "bind_continent_country_city"];

    /// <summary>The API name of a network binding.</summary>
    public static string Of(NetworkBinding binding) => Network[(int)binding];

    /// <summary>The API name of a GeoIP binding.</summary>
    public static string Of(GeoIpBinding binding) => GeoIp[(int)binding];
}
