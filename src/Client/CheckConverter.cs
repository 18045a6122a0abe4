using System.Globalization;
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
            if (Is(ref reader, "session"u8))
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
            else if (Is(ref reader, "binding"u8))
            {
                binding = JsonSerializer.Deserialize(ref reader, Answers.Default.BrokenBinding);
            }
            else
            {
                _ = Flag(ref reader, "active"u8, ref active) || Text(ref reader, "reason"u8, ref reason) || Pass(ref reader);
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
            _ = Key(ref reader, "pk"u8, ref pk)
                || Text(ref reader, "username"u8, ref username)
                || Text(ref reader, "email"u8, ref email)
                || Text(ref reader, "name"u8, ref name)
                || Pass(ref reader);
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
        DateTimeOffset? created = null, expires = null, used = null;
        bool? isKnown = null;
        Begin(ref reader);
        while (Next(ref reader))
        {
            if (Is(ref reader, "uuid"u8))
            {
                uuid = reader.GetGuid();
                continue;
            }

            _ = Key(ref reader, "user"u8, ref user)
                || Text(ref reader, "last_ip"u8, ref ip)
                || Text(ref reader, "last_user_agent"u8, ref agent)
                || Moment(ref reader, "last_used"u8, ref used)
                || Moment(ref reader, "expires"u8, ref expires)
                || Moment(ref reader, "created"u8, ref created)
                || Text(ref reader, "auth_method"u8, ref method)
                || Flag(ref reader, "known_device"u8, ref isKnown)
                || Text(ref reader, "network_binding"u8, ref network)
                || Text(ref reader, "geoip_binding"u8, ref geo)
                || Pass(ref reader);
        }

        return new Session
        {
            Uuid = uuid ?? throw Missing("uuid"),
            User = user ?? throw Missing("user"),
            Created = created ?? throw Missing("created"),
            Expires = expires ?? throw Missing("expires"),
            LastUsed = used ?? default,
            LastIp = ip ?? "",
            LastUserAgent = agent ?? "",
            AuthMethod = method ?? "",
            KnownDevice = isKnown ?? false,
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

    /// <summary>Takes the property's value if this is its name, as those below do.</summary>
    protected static bool Text(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ref string? value) => Is(ref reader, name) && Set(ref value, reader.GetString());

    protected static bool Flag(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ref bool? value) => Is(ref reader, name) && Set(ref value, reader.GetBoolean());

    protected static bool Moment(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ref DateTimeOffset? value) => Is(ref reader, name) && Set(ref value, reader.GetDateTimeOffset());

    /// <summary>A user's key: the server writes a number where it is a canonical decimal, else a text.</summary>
    protected static bool Key(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ref string? value) => Is(ref reader, name)
        && Set(ref value, reader.TokenType == JsonTokenType.Number ? reader.GetInt64().ToString(CultureInfo.InvariantCulture) : reader.GetString());

    /// <summary>Passes over the property and its value.</summary>
    protected static bool Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
        return true;
    }

    protected static JsonException Missing(string name) => new($"'{name}' is missing.");

    private static bool Set<TValue>(ref TValue place, TValue value)
    {
        place = value;
        return true;
    }
}
