using System.Buffers;
using System.Text;
using System.Text.Json;
using SessionCluster.Bindings;
using SessionCluster.Geo;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Events;

/// <summary>Writes the context objects of events: the seed's and authentik's keys, plus the session's uuid.</summary>
internal static class EventContext
{
    /// <summary>The context of a <c>login</c> event (docs/login-stage.md).</summary>
    public static string Login(LoginCommand command, SessionV1 session) => Write(json =>
    {
        json.WriteString("auth_method", session.AuthMethod);
        json.WritePropertyName("auth_method_args");
        WriteAuthMethodArgs(json, command.AuthMethodArgsJson, session.KnownDevice);
        json.WriteStartObject("http_request");
        json.WriteString("path", command.Client.Path);
        json.WriteString("method", command.Client.Method);
        WriteArgs(json, command.Client);
        json.WriteString("user_agent", command.Client.UserAgent);
        json.WriteString("request_id", command.Client.RequestId);
        json.WriteEndObject();
        WritePlace(json, session.Asn, session.Geo);
        if (command.Source is not null)
        {
            json.WriteString("source", command.Source);
        }

        json.WriteString("session_uuid", session.Id);
    });

    /// <summary>The context of a <c>logout</c> event: that of a broken binding is the seed's, key for key.</summary>
    public static string Logout(
        SessionId session, string reason, ClientFacts? client, AsnInfo? asn, GeoInfo? geo, BindingBreak? binding, string? actor) => Write(json =>
    {
        WritePlace(json, asn, geo);
        if (binding is not null)
        {
            json.WriteStartObject("binding");
            json.WriteString("reason", binding.Reason);
            json.WritePropertyName("new_value");
            json.WriteRawValue(binding.NewValueJson);
            json.WritePropertyName("previous_value");
            json.WriteRawValue(binding.PreviousValueJson);
            json.WriteEndObject();
            json.WriteStartObject("ip");
            json.WriteString("previous", binding.PreviousIp);
            json.WriteString("new", binding.NewIp);
            json.WriteEndObject();
        }

        WriteAsked(json, client, actor);
        json.WriteString("logout_reason", reason);
        json.WriteString("session_uuid", session.Value);
    });

    /// <summary>The context of what authentik tells of any of its models: which one, by whom, and what became of its fields.</summary>
    /// <param name="app">The model's app.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="pk">Its key.</param>
    /// <param name="name">Its name.</param>
    /// <param name="client">Who asked.</param>
    /// <param name="actor">The name of the api key that asked.</param>
    /// <param name="changes">The fields that changed, each with its values before and after; null for what was made or deleted.</param>
    public static string Model(
        string app, string model, string pk, string name, ClientFacts? client, string? actor, IEnumerable<(string Field, object Before, object After)>? changes) => Write(json =>
    {
        json.WriteStartObject("model");
        json.WriteString("app", app);
        json.WriteString("model_name", model);
        json.WriteString("pk", pk);
        json.WriteString("name", name);
        json.WriteEndObject();
        WriteAsked(json, client, actor);
        if (changes is null)
        {
            return;
        }

        json.WriteStartObject("diff");
        foreach (var (field, before, after) in changes)
        {
            json.WriteStartObject(field);
            WriteValue(json, "previous_value", before);
            WriteValue(json, "new_value", after);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    private static void WriteValue(Utf8JsonWriter json, string name, object value)
    {
        if (value is bool flag)
        {
            json.WriteBoolean(name, flag);
        }
        else
        {
            json.WriteString(name, value.ToString());
        }
    }

    private static void WriteAsked(Utf8JsonWriter json, ClientFacts? client, string? actor)
    {
        if (client is not null)
        {
            json.WriteStartObject("http_request");
            WriteArgs(json, client);
            json.WriteString("path", client.Path);
            json.WriteString("method", client.Method);
            json.WriteString("user_agent", client.UserAgent);
            json.WriteEndObject();
        }

        if (actor is not null)
        {
            json.WriteString("actor", actor);
        }
    }

    private static void WriteAuthMethodArgs(Utf8JsonWriter json, string argsJson, bool knownDevice)
    {
        json.WriteStartObject();
        json.WriteBoolean("known_device", knownDevice);
        using var args = JsonDocument.Parse(argsJson);
        foreach (var arg in args.RootElement.EnumerateObject().Where(a => !a.NameEquals("known_device")))
        {
            arg.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static void WriteArgs(Utf8JsonWriter json, ClientFacts client)
    {
        json.WritePropertyName("args");
        json.WriteRawValue(client.ArgsJson);
    }

    private static void WritePlace(Utf8JsonWriter json, AsnInfo? asn, GeoInfo? geo)
    {
        if (asn is not null)
        {
            json.WritePropertyName("asn");
            GeoJson.Write(json, asn);
        }

        if (geo is not null)
        {
            json.WritePropertyName("geo");
            GeoJson.Write(json, geo);
        }
    }

    private static string Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
