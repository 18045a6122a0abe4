using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SessionCluster.Api.Clients;

/// <summary>Masks the values of arguments whose names suggest a secret, before anything is stored.</summary>
internal static class SecretMask
{
    /// <summary>What stands in a masked value's place.</summary>
    public const string Asterisks = "********";

    /// <summary>No arguments.</summary>
    public const string Empty = "{}";

    private static readonly string[] Words = ["token", "password", "secret", "key", "code"];

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether values under the name are masked.</summary>
    public static bool Covers(string name)
    {
        foreach (var word in Words)
        {
            if (name.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The text of a JSON object, masked at any depth.</summary>
    public static string Mask(JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object || !arguments.EnumerateObject().Any())
        {
            return Empty;
        }

        return Build(arguments, static (writer, element) => Copy(writer, element));
    }

    /// <summary>The query's parameters as the text of a JSON object, masked; a repeated parameter becomes an array.</summary>
    public static string Mask(IQueryCollection query)
    {
        return query.Count == 0 ? Empty : Build(query, static (writer, parameters) =>
        {
            writer.WriteStartObject();
            foreach (var (name, values) in parameters)
            {
                writer.WritePropertyName(name);
                if (Covers(name))
                {
                    writer.WriteStringValue(Asterisks);
                }
                else if (values.Count == 1)
                {
                    writer.WriteStringValue(values[0]);
                }
                else
                {
                    writer.WriteStartArray();
                    foreach (var value in values)
                    {
                        writer.WriteStringValue(value);
                    }

                    writer.WriteEndArray();
                }
            }

            writer.WriteEndObject();
        });
    }

    private static string Build<T>(T source, Action<Utf8JsonWriter, T> fill)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            fill(writer, source);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Copy(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    if (Covers(property.Name))
                    {
                        writer.WriteStringValue(Asterisks);
                    }
                    else
                    {
                        Copy(writer, property.Value);
                    }
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Copy(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
