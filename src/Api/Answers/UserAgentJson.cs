using System.Text.Json;
using SessionCluster.Api.UserAgents;

namespace SessionCluster.Api.Answers;

/// <summary>
/// Writes authentik's <c>user_agent</c> object. The only place that has a User-Agent header taken apart. The object is kept with
/// the parsed header: few texts make most of the answers.
/// </summary>
internal static class UserAgentJson
{
    private static readonly UserAgentParser Parser = new();

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string userAgent)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(Parser.Parse(userAgent).JsonOr(Build), skipInputValidation: true);
    }

    private static byte[] Build(ParsedUserAgent parsed) => JsonAnswer.ToBytes(parsed, WriteObject);

    private static void WriteObject(Utf8JsonWriter writer, ParsedUserAgent parsed)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("device"u8);
        writer.WriteString("brand"u8, parsed.Device.Brand);
        writer.WriteString("family"u8, parsed.Device.Family);
        writer.WriteString("model"u8, parsed.Device.Model);
        writer.WriteEndObject();
        writer.WriteStartObject("os"u8);
        writer.WriteString("family"u8, parsed.Os.Family);
        writer.WriteString("major"u8, parsed.Os.Major);
        writer.WriteString("minor"u8, parsed.Os.Minor);
        writer.WriteString("patch"u8, parsed.Os.Patch);
        writer.WriteString("patch_minor"u8, parsed.Os.PatchMinor);
        writer.WriteEndObject();
        writer.WriteStartObject("user_agent"u8);
        writer.WriteString("family"u8, parsed.UserAgent.Family);
        writer.WriteString("major"u8, parsed.UserAgent.Major);
        writer.WriteString("minor"u8, parsed.UserAgent.Minor);
        writer.WriteString("patch"u8, parsed.UserAgent.Patch);
        writer.WriteEndObject();
        writer.WriteString("string"u8, parsed.Text);
        writer.WriteEndObject();
    }
}
