using System.Globalization;

namespace SessionCluster.Bindings;

/// <summary>
/// The previous and new values of a broken binding as JSON text (docs/login-stage.md). A missing record or part is an empty object; a
/// member that the database does not have is null.
/// </summary>
internal static class BindingValues
{
    private const string Missing = "{}";

    /// <summary>A network: <c>{asn, as_org, network}</c>.</summary>
    public static string Of(AsnInfo? asn) => asn is null ? Missing : GeoJson.Of(asn).ToJsonString();

    /// <summary>A place: <c>{lat, city, long, country, continent}</c>.</summary>
    public static string Of(GeoInfo? geo) => geo is null ? Missing : GeoJson.Of(geo).ToJsonString();

    /// <summary>A continent, a country or a city: <c>{code, geoname_id, names}</c>, the code under the name that it has there, if any.</summary>
    public static string Of(PlacePart? part, string? codeKey)
    {
        if (part is null)
        {
            return Missing;
        }

        var json = new JsonObject();
        if (codeKey is not null)
        {
            json[codeKey] = part.Code;
        }

        json["geoname_id"] = part.GeonameId;
        json["names"] = new JsonObject(part.Names.Select(name => KeyValuePair.Create<string, JsonNode?>(name.Key, name.Value)));
        return json.ToJsonString();
    }

    public static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A prefix or an address; null for a prefix that the database does not have.</summary>
    public static string Of(string? text) => JsonValue.Create(text)?.ToJsonString() ?? "null";
}
