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
        SessionId session, string reason, ClientFacts? client, AsnInfo? asn, GeoInfo? geo, BindingBreak? binding) => Write(json =>
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

        if (client is not null)
        {
            json.WriteStartObject("http_request");
            WriteArgs(json, client);
            json.WriteString("path", client.Path);
            json.WriteString("method", client.Method);
            json.WriteString("user_agent", client.UserAgent);
            json.WriteEndObject();
        }

        json.WriteString("logout_reason", reason);
        json.WriteString("session_uuid", session.Value);
    });

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
