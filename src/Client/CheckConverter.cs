using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SessionCluster.Client;

/// <summary>
/// Reads the answer of a check. Each request of an app waits for it, and what is generated for records takes twice as long
/// (`bench handler`). What it does not know it passes over: a newer server may say more.
/// </summary>
internal sealed class CheckConverter : ReadingConverter<SessionCheck>
{
    public override SessionCheck Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        bool? active = null;
        string? reason = null, data = null;
        Session? session = null;
        SessionUser? user = null;
        BrokenBinding? binding = null;
        Begin(ref reader);
        while (Next(ref reader))
        {
            if (Is(ref reader, "active"u8))
            {
                active = reader.GetBoolean();
            }
            else if (Is(ref reader, "session"u8))
            {
                session = reader.TokenType == JsonTokenType.Null ? null : SessionConverter.Read(ref reader);
            }
            else if (Is(ref reader, "user"u8))
            {
                user = reader.TokenType == JsonTokenType.Null ? null : User(ref reader);
            }
            else if (Is(ref reader, "data"u8))
            {
                data = reader.TokenType == JsonTokenType.Null ? null : JsonElement.ParseValue(ref reader).GetRawText();
            }
            else if (Is(ref reader, "reason"u8))
            {
                reason = reader.GetString();
            }
            else if (Is(ref reader, "binding"u8))
            {
                binding = JsonSerializer.Deserialize(ref reader, Answers.Default.BrokenBinding);
            }
            else
            {
                Pass(ref reader);
            }
        }

        return new SessionCheck
        {
            Status = (active ?? throw Missing("active")) ? SessionStatus.Active : StatusNames.Parse(reason),
            Session = session ?? (active.Value ? throw Missing("session") : null),
            User = user ?? (active.Value ? throw Missing("user") : null),
            Data = data,
            Binding = binding,
        };
    }

    private static SessionUser User(ref Utf8JsonReader reader)
    {
        string? pk = null, username = null, email = null, name = null;
        Begin(ref reader);
        while (Next(ref reader))
        {
            if (Is(ref reader, "pk"u8))
            {
                pk = Key(ref reader);
            }
            else if (Is(ref reader, "username"u8))
            {
                username = reader.GetString();
            }
            else if (Is(ref reader, "email"u8))
            {
                email = reader.GetString();
            }
            else if (Is(ref reader, "name"u8))
            {
                name = reader.GetString();
            }
            else
            {
                Pass(ref reader);
            }
        }

        return new SessionUser(pk ?? throw Missing("pk"), username ?? "") { Email = email ?? "", Name = name ?? "" };
    }
}

/// <summary>Reads a session; see <see cref="CheckConverter"/>.</summary>
internal sealed class SessionConverter : ReadingConverter<Session>
{
    public override Session Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public static Session Read(ref Utf8JsonReader reader)
    {
        Guid? uuid = null;
        string? user = null, ip = null, agent = null, method = null, network = null, geo = null;
        DateTimeOffset? created = null, expires = null;
        DateTimeOffset used = default;
        var isKnown = false;
        Begin(ref reader);
        while (Next(ref reader))
        {
            if (Is(ref reader, "uuid"u8))
            {
                uuid = reader.GetGuid();
            }
            else if (Is(ref reader, "user"u8))
            {
                user = Key(ref reader);
            }
            else if (Is(ref reader, "last_ip"u8))
            {
                ip = reader.GetString();
            }
            else if (Is(ref reader, "last_user_agent"u8))
            {
                agent = reader.GetString();
            }
            else if (Is(ref reader, "last_used"u8))
            {
                used = reader.GetDateTimeOffset();
            }
            else if (Is(ref reader, "expires"u8))
            {
                expires = reader.GetDateTimeOffset();
            }
            else if (Is(ref reader, "created"u8))
            {
                created = reader.GetDateTimeOffset();
            }
            else if (Is(ref reader, "auth_method"u8))
            {
                method = reader.GetString();
            }
            else if (Is(ref reader, "known_device"u8))
            {
                isKnown = reader.GetBoolean();
            }
            else if (Is(ref reader, "network_binding"u8))
            {
                network = reader.GetString();
            }
            else if (Is(ref reader, "geoip_binding"u8))
            {
                geo = reader.GetString();
            }
            else
            {
                Pass(ref reader);
            }
        }

        return new Session
        {
            Uuid = uuid ?? throw Missing("uuid"),
            User = user ?? throw Missing("user"),
            Created = created ?? throw Missing("created"),
            Expires = expires ?? throw Missing("expires"),
            LastUsed = used,
            LastIp = ip ?? "",
            LastUserAgent = agent ?? "",
            AuthMethod = method ?? "",
            KnownDevice = isKnown,
            NetworkBinding = network ?? "",
            GeoIpBinding = geo ?? "",
        };
    }
}

/// <summary>A converter of an object that the server writes and the client only reads.</summary>
internal abstract class ReadingConverter<T> : JsonConverter<T>
{
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => throw new NotSupportedException();

    protected static void Begin(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"There is {reader.TokenType} where an object should be.");
        }
    }

    /// <summary>Whether the object has another property, at whose name the reader is then.</summary>
    protected static bool Next(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Whether this is the property's name; the reader is then at its value.</summary>
    protected static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        (reader.ValueIsEscaped ? reader.ValueTextEquals(name) : reader.ValueSpan.SequenceEqual(name)) && reader.Read();

    protected static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>The user's key: the server writes a number where it is a canonical decimal, else a text.</summary>
    protected static string Key(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number
        ? reader.GetInt64().ToString(CultureInfo.InvariantCulture)
        : reader.GetString() ?? "";

    protected static JsonException Missing(string name) => new($"'{name}' is missing.");
}
