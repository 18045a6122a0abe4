using System.Text.Json;

namespace SessionCluster.Api.Input;

/// <summary>
/// Looks for text that nothing behind the edge can hold: U+0000 (PostgreSQL has no such text) and halves of surrogate pairs.
/// In valid JSON both come as escapes only, so a body without one is not walked.
/// </summary>
internal static class JsonText
{
    private const string NullCharacter = "The character U+0000 is not allowed.";

    private const string BrokenText = "The text is not valid Unicode.";

    /// <summary>Adds an error for each field that holds such text, at any depth.</summary>
    public static void Check(JsonElement root, ReadOnlySpan<byte> text, FieldErrors errors)
    {
        if (text.IndexOf("\\u"u8) >= 0)
        {
            Walk(root, "", errors);
        }
    }

    private static void Walk(JsonElement element, string field, FieldErrors errors)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    var name = ReadName(property);
                    var path = field.Length == 0 ? name ?? FieldErrors.NoField : $"{field}.{name}";
                    if (name is null)
                    {
                        errors.Add(field.Length == 0 ? FieldErrors.NoField : field, BrokenText);
                    }
                    else if (name.Contains('\0', StringComparison.Ordinal))
                    {
                        errors.Add(field.Length == 0 ? FieldErrors.NoField : field, NullCharacter);
                    }
                    else
                    {
                        Walk(property.Value, path, errors);
                    }
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Walk(item, field, errors);
                }

                break;
            case JsonValueKind.String:
                CheckString(element, field, errors);
                break;
            default:
                break;
        }
    }

    private static void CheckString(JsonElement element, string field, FieldErrors errors)
    {
        try
        {
            if (element.GetString()!.Contains('\0', StringComparison.Ordinal))
            {
                errors.Add(field, NullCharacter);
            }
        }
        catch (InvalidOperationException)
        {
            errors.Add(field, BrokenText);
        }
    }

    // The platform reports half a surrogate pair by this exception only.
    private static string? ReadName(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
