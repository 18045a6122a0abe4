namespace SessionCluster.Api.Answers;

/// <summary>The JSON forms that several answers share.</summary>
internal static class JsonForms
{
    private const long LargestExactNumber = 9_007_199_254_740_991;

    /// <summary>Writes a moment as ISO 8601 in UTC with microseconds.</summary>
    public static void WriteTime(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        // The platform's "O" has seven digits of a second; the seventh makes room for the Z.
        Span<byte> text = stackalloc byte[28];
        time.UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[^2] = (byte)'Z';
        writer.WriteString(name, text[..^1]);
    }

    /// <summary>Writes a user's key: a number when it is a canonical decimal that every JSON reader holds exactly, else a string.</summary>
    public static void WriteUserPk(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, UserId user)
    {
        if (IsNumber(user.Value, out var number))
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteString(name, user.Value);
        }
    }

    /// <summary>Writes JSON text that was checked when it came in, or null.</summary>
    public static void WriteStored(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? json)
    {
        writer.WritePropertyName(name);
        if (json is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteRawValue(json, skipInputValidation: true);
        }
    }

    /// <summary>Writes the place or the network of an address, or null.</summary>
    public static void WriteNode(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, JsonObject? value)
    {
        writer.WritePropertyName(name);
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer);
        }
    }

    /// <summary>Writes a broken binding: its reason and the two values.</summary>
    public static void WriteBinding(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, BindingBreak binding)
    {
        writer.WriteStartObject(name);
        writer.WriteString("reason"u8, binding.Reason);
        writer.WriteStored("previous_value"u8, binding.PreviousValueJson);
        writer.WriteStored("new_value"u8, binding.NewValueJson);
        writer.WriteEndObject();
    }

    /// <summary>Writes the members of a receipt as an object value.</summary>
    /// <param name="clearCookie">The Set-Cookie value that removes the session's cookie, for one who has the browser; else null.</param>
    public static void WriteReceipt(this Utf8JsonWriter writer, Receipt receipt, string? clearCookie = null)
    {
        writer.WriteStartObject();
        writer.WriteNumber("revision"u8, receipt.Revision);
        writer.WriteTime("committed_at"u8, receipt.CommittedAt);
        writer.WriteStartArray("ended"u8);
        foreach (var session in receipt.Ended)
        {
            writer.WriteStringValue(session.Value);
        }

        writer.WriteEndArray();
        writer.WriteTime("effective_everywhere_at"u8, receipt.EffectiveEverywhereAt);
        if (clearCookie is not null)
        {
            writer.WriteString("clear_cookie"u8, clearCookie);
        }

        writer.WriteEndObject();
    }

    /// <summary>The name that the contract gives a state that is not live.</summary>
    public static string ReasonName(SessionStatus status) => Enum.GetName(status) is { } name ? JsonNamingPolicy.SnakeCaseLower.ConvertName(name) : "unknown";

    private static bool IsNumber(string text, out long number)
    {
        number = 0;
        var canonical = text.Length is > 0 and <= 16 && (text[0] != '0' || text.Length == 1);
        return canonical
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number <= LargestExactNumber;
    }
}
