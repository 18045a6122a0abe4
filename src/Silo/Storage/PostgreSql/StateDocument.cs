using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// What is written of a state: one JSON document that names the rows and columns of the write, so that a ledger's write with
/// all it carries is one statement (Schema/postgresql/002-statements.sql takes it apart). What is read is the payload alone.
/// </summary>
internal static class StateDocument
{
    // The document is taken apart by the server and never shown: what HTML would misread may stand in it as it is.
    private static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] Write<T>(T state) => state switch
    {
        LedgerV1 ledger => Write(LedgerRows.From(ledger), Ledger),
        SessionV1 session => Write(SessionRow.From(session), Session),
        _ => Write(state, Other),
    };

    public static T Read<T>(ReadOnlySpan<byte> payload) => JsonSerializer.Deserialize(payload, StateTypes.JsonOf<T>())!;

    private static byte[] Write<T>(T value, Action<Utf8JsonWriter, T> body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Form))
        {
            writer.WriteStartObject();
            body(writer, value);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Ledger(Utf8JsonWriter writer, LedgerRows rows)
    {
        Payload(writer, rows.Payload);
        List(writer, "born", rows.Born, Session);
        List(writer, "dead", rows.Dead, Ended);
        List(writer, "journal", rows.Journal, Event);
    }

    private static void Other<T>(Utf8JsonWriter writer, T state)
    {
        Payload(writer, JsonSerializer.Serialize(state, StateTypes.JsonOf<T>()));
        if (StateTypes.ExpiryOf(state) is { } expires)
        {
            writer.WriteNumber("expires", expires);
        }
    }

    /// <summary>An empty list is left out: the server then has nothing to look at.</summary>
    private static void List<T>(Utf8JsonWriter writer, string name, T[] rows, Action<Utf8JsonWriter, T> body)
    {
        if (rows.Length == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var row in rows)
        {
            writer.WriteStartObject();
            body(writer, row);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Session(Utf8JsonWriter writer, SessionRow row)
    {
        writer.WriteString("id", row.Id);
        writer.WriteString("user_pk", row.UserPk);
        writer.WriteString("username", row.Username);
        writer.WriteNumber("created", row.Created);
        writer.WriteNumber("expires", row.Expires);
        if (row.IdleAt is { } idle)
        {
            writer.WriteNumber("idle_at", idle);
        }

        writer.WriteNumber("last_used", row.LastUsed);
        writer.WriteString("last_ip", row.LastIp);
        writer.WriteString("last_user_agent", row.LastUserAgent);
        if (row.Asn is { } asn)
        {
            writer.WriteNumber("asn", asn);
        }

        writer.WriteString("country", row.Country);
        Payload(writer, row.Payload);
    }

    private static void Ended(Utf8JsonWriter writer, EndedRow row)
    {
        writer.WriteString("id", row.Id);
        writer.WriteNumber("revision", row.Revision);
        writer.WriteNumber("ended_at", row.EndedAt);
        Payload(writer, row.Payload);
    }

    private static void Event(Utf8JsonWriter writer, EventRow row)
    {
        writer.WriteString("pk", row.Pk);
        writer.WriteString("action", row.Action);
        writer.WriteString("user_pk", row.UserPk);
        writer.WriteString("username", row.Username);
        writer.WriteString("email", row.Email);
        writer.WriteString("name", row.Name);
        writer.WriteString("client_ip", row.ClientIp);
        if (row.Session is { } session)
        {
            writer.WriteString("session", session);
        }

        writer.WriteNumber("created", row.Created);
        writer.WriteString("context", row.Context);
    }

    private static void Payload(Utf8JsonWriter writer, string json)
    {
        writer.WritePropertyName("payload");
        writer.WriteRawValue(json, skipInputValidation: true);
    }
}
