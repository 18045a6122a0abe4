using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace SessionCluster.Api.Answers;

/// <summary>Writes sessions and their users.</summary>
internal static class SessionJson
{
    /// <summary>Writes authentik's AuthenticatedSession with our own members behind it.</summary>
    /// <param name="current">Whether it is the session that the caller itself uses.</param>
    /// <param name="withData">True for services: only they see the front end's data here.</param>
    public static void Write(Utf8JsonWriter writer, SessionInfo session, bool current, bool withData)
    {
        writer.WriteStartObject();
        writer.WriteString("uuid"u8, session.Id.Value);
        writer.WriteBoolean("current"u8, current);
        UserAgentJson.Write(writer, "user_agent"u8, session.LastUserAgent);
        writer.WriteNode("geo_ip"u8, session.Geo is { } geo ? GeoJson.Of(geo) : null);
        writer.WriteNode("asn"u8, session.Asn is { } asn ? GeoJson.Of(asn) : null);
        writer.WriteUserPk("user"u8, session.User.Id);
        writer.WriteString("last_ip"u8, session.LastIp);
        writer.WriteString("last_user_agent"u8, session.LastUserAgent);
        writer.WriteTime("last_used"u8, session.LastUsed);
        writer.WriteTime("expires"u8, session.Expires);
        writer.WriteTime("created"u8, session.Created);
        writer.WriteString("auth_method"u8, session.AuthMethod);
        writer.WriteBoolean("known_device"u8, session.KnownDevice);
        writer.WriteString("network_binding"u8, BindingNames.Of(session.NetworkBinding));
        writer.WriteString("geoip_binding"u8, BindingNames.Of(session.GeoIpBinding));
        if (withData)
        {
            writer.WriteStored("data"u8, session.DataJson);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes what validate (to a service) and current (to its owner) say of a live session: the session, its user, its data.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, SessionInfo session, bool toService)
    {
        writer.WritePropertyName("session"u8);
        Write(writer, session, current: !toService, withData: toService);
        WriteUser(writer, "user"u8, session.User);
        writer.WriteStored("data"u8, session.DataJson);
    }

    /// <summary>Writes the user of a live session.</summary>
    private static void WriteUser(Utf8JsonWriter writer, ReadOnlySpan<byte> name, UserFacts user)
    {
        writer.WriteStartObject(name);
        writer.WriteUserPk("pk"u8, user.Id);
        writer.WriteString("username"u8, user.Username);
        writer.WriteString("email"u8, user.Email);
        writer.WriteString("name"u8, user.Name);
        writer.WriteBoolean("is_active"u8, true);
        writer.WriteEndObject();
    }
}

/// <summary>Writes authentik's <c>user_agent</c> object. The only place that has a User-Agent header taken apart.</summary>
[JsonSerializable(typeof(ParsedUserAgent))]
internal sealed partial class UserAgentJson : JsonSerializerContext
{
    // As long as the parser keeps a user agent.
    private static readonly ConditionalWeakTable<ParsedUserAgent, byte[]> Kept = [];

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string userAgent)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(Of(userAgent), skipInputValidation: true);
    }

    /// <summary>The object itself: the same bytes again, while the user agent is among those that are kept.</summary>
    public static byte[] Of(string userAgent) => Kept.GetValue(
        UserAgentParser.Parse(userAgent),
        static parsed => JsonAnswer.ToBytes(parsed, static (writer, parsed) => JsonSerializer.Serialize(writer, parsed, Default.ParsedUserAgent)));
}
