namespace SessionCluster.Bindings;

/// <summary>How tightly a session is bound to the place of its login (seed: GeoIP binding).</summary>
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
