using System.Buffers;
using System.Text;
using System.Text.Json;
using SessionCluster.Geo;

namespace SessionCluster.Bindings;

/// <summary>
/// The previous and new values of a broken binding as JSON text (docs/login-stage.md). A missing record or part is an empty object; a
/// member that the database does not have is null.
/// </summary>
internal static class BindingValues
{
    private const string Missing = "{}";

    /// <summary>A network: <c>{asn, as_org, network}</c>.</summary>
    public static string Of(AsnInfo? asn) => asn is null ? Missing : Write(writer => GeoJson.Write(writer, asn));

    /// <summary>A place: <c>{lat, city, long, country, continent}</c>.</summary>
    public static string Of(GeoInfo? geo) => geo is null ? Missing : Write(writer => GeoJson.Write(writer, geo));

    /// <summary>A continent: <c>{code, geoname_id, names}</c>.</summary>
    public static string Of(ContinentPart? part) =>
        part is null ? Missing : OfPart("code", part.Code, part.GeonameId, part.Names);

    /// <summary>A country: <c>{iso_code, geoname_id, names}</c>.</summary>
    public static string Of(CountryPart? part) =>
        part is null ? Missing : OfPart("iso_code", part.IsoCode, part.GeonameId, part.Names);

    /// <summary>A city: <c>{geoname_id, names}</c>.</summary>
    public static string Of(CityPart? part) => part is null ? Missing : OfPart(null, null, part.GeonameId, part.Names);

    /// <summary>An AS number.</summary>
    public static string Of(long number) => Write(writer => writer.WriteNumberValue(number));

    /// <summary>A prefix or an address; null for a prefix that the database does not have.</summary>
    public static string Of(string? text) => Write(writer => writer.WriteStringValue(text));

    private static string OfPart(string? codeKey, string? code, long? id, IReadOnlyDictionary<string, string> names)
    {
        if (code is null && id is null && names.Count == 0)
        {
            return Missing;
        }

        return Write(writer =>
        {
            writer.WriteStartObject();
            if (codeKey is not null)
            {
                writer.WriteString(codeKey, code);
            }

            WriteId(writer, id);
            writer.WriteStartObject("names");
            foreach (var (language, name) in names)
            {
                writer.WriteString(language, name);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private static void WriteId(Utf8JsonWriter writer, long? id)
    {
        if (id is { } number)
        {
            writer.WriteNumber("geoname_id", number);
        }
        else
        {
            writer.WriteNull("geoname_id");
        }
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
