using System.Text.Json;

namespace SessionCluster.Geo;

/// <summary>The seed's JSON forms of a network and a place, as lists, events and bindings show them.</summary>
public static class GeoJson
{
    /// <summary>Writes <c>{"asn", "as_org", "network"}</c>.</summary>
    public static void Write(Utf8JsonWriter json, AsnInfo asn)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(asn);
        json.WriteStartObject();
        json.WriteNumber("asn", asn.Asn);
        json.WriteString("as_org", asn.AsOrg);
        json.WriteString("network", asn.Network);
        json.WriteEndObject();
    }

    /// <summary>Writes <c>{"lat", "city", "long", "country", "continent"}</c>.</summary>
    public static void Write(Utf8JsonWriter json, GeoInfo geo)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(geo);
        json.WriteStartObject();
        WriteNumber(json, "lat", geo.Lat);
        json.WriteString("city", geo.City);
        WriteNumber(json, "long", geo.Long);
        json.WriteString("country", geo.Country);
        json.WriteString("continent", geo.Continent);
        json.WriteEndObject();
    }

    // A database can hold NaN and infinities, which JSON cannot.
    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
