using System.Text.Json;

namespace SessionCluster.Api.Answers;

/// <summary>Writes authentik's <c>user_agent</c> object. The only place that takes a User-Agent header apart.</summary>
internal static class UserAgentJson
{
    private const string Other = "Other";

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string userAgent)
    {
        var families = Families.Of(userAgent);
        writer.WriteStartObject(name);
        writer.WriteStartObject("device"u8);
        writer.WriteNull("brand"u8);
        writer.WriteString("family"u8, families.Device);
        writer.WriteNull("model"u8);
        writer.WriteEndObject();
        writer.WriteStartObject("os"u8);
        writer.WriteString("family"u8, families.Os);
        writer.WriteNull("major"u8);
        writer.WriteNull("minor"u8);
        writer.WriteNull("patch"u8);
        writer.WriteNull("patch_minor"u8);
        writer.WriteEndObject();
        writer.WriteStartObject("user_agent"u8);
        writer.WriteString("family"u8, families.Browser);
        writer.WriteString("major"u8, "");
        writer.WriteString("minor"u8, "");
        writer.WriteString("patch"u8, "");
        writer.WriteEndObject();
        writer.WriteString("string"u8, userAgent);
        writer.WriteEndObject();
    }

    private sealed record Families(string Device, string Os, string Browser)
    {
        private static readonly Families Unknown = new(Other, Other, Other);

        public static Families Of(string userAgent) =>
            userAgent.Length == 0 ? Unknown : Unknown with { Browser = userAgent.Contains("curl/", StringComparison.Ordinal) ? "curl" : Other };
    }
}
