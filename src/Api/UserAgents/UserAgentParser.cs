using System.Text.Json.Serialization;

namespace SessionCluster.Api.UserAgents;

/// <summary>
/// Reads User-Agent headers: the families that matter, by plain scanning in time linear in the length of the text. Answers are
/// kept in a fixed number of slots, so that a list does not read the same text again and again. Safe for concurrent use.
/// </summary>
public static class UserAgentParser
{
    /// <summary>How much of a text is read, in UTF-16 code units; the rest is ignored.</summary>
    public const int MaxLength = 2048;

    private const int Slots = 1024;

    // A slot is replaced whole; string hashes are seeded per process, so nobody can aim at one slot.
    private static readonly ParsedUserAgent?[] Kept = new ParsedUserAgent?[Slots];

    /// <summary>Reads a header; null counts as empty.</summary>
    public static ParsedUserAgent Parse(string? text)
    {
        text ??= "";
        if (text.Length > MaxLength)
        {
            return Read(text);
        }

        ref var slot = ref Kept[(uint)text.GetHashCode(StringComparison.Ordinal) % Slots];
        var kept = Volatile.Read(ref slot);
        if (kept is not null && string.Equals(kept.Text, text, StringComparison.Ordinal))
        {
            return kept;
        }

        var read = Read(text);
        Volatile.Write(ref slot, read);
        return read;
    }

    private static ParsedUserAgent Read(string text)
    {
        var scan = text.AsSpan(0, Math.Min(text.Length, MaxLength));
        return new ParsedUserAgent(Devices.Read(scan), OperatingSystems.Read(scan), Browsers.Read(scan), text);
    }
}

/// <summary>
/// What a User-Agent header says, in the shape of authentik's <c>user_agent</c> object; families are named as in uap-core.
/// An unknown family is <c>Other</c>.
/// </summary>
/// <param name="Os">The operating system.</param>
/// <param name="UserAgent">The browser or client.</param>
/// <param name="Text">The header, verbatim.</param>
public sealed record ParsedUserAgent(
    [property: JsonPropertyName("device")] DevicePart Device,
    [property: JsonPropertyName("os")] OsPart Os,
    [property: JsonPropertyName("user_agent")] BrowserPart UserAgent,
    [property: JsonPropertyName("string")] string Text)
{
    /// <summary>The family of what is not recognised.</summary>
    public const string Other = "Other";
}

/// <summary>The device; brand and model are null when unknown.</summary>
public sealed record DevicePart(
    [property: JsonPropertyName("brand")] string? Brand,
    [property: JsonPropertyName("family")] string Family,
    [property: JsonPropertyName("model")] string? Model);

/// <summary>The operating system; versions are null when unknown.</summary>
public sealed record OsPart(
    [property: JsonPropertyName("family")] string Family,
    [property: JsonPropertyName("major")] string? Major,
    [property: JsonPropertyName("minor")] string? Minor,
    [property: JsonPropertyName("patch")] string? Patch,
    [property: JsonPropertyName("patch_minor")] string? PatchMinor);

/// <summary>The browser or client; versions are empty when unknown, never null.</summary>
public sealed record BrowserPart(
    [property: JsonPropertyName("family")] string Family,
    [property: JsonPropertyName("major")] string Major,
    [property: JsonPropertyName("minor")] string Minor,
    [property: JsonPropertyName("patch")] string Patch);
