using System.Text.Json.Serialization;

namespace SessionCluster.Api.UserAgents;

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
