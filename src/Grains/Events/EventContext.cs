using System.Text.Encodings.Web;

namespace SessionCluster.Events;

/// <summary>Writes the context objects of events: authentik's keys, plus the session's uuid.</summary>
internal static class EventContext
{
    // Relaxed: what a caller sent stands here as it was sent, so that a search for it finds it.
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The context of a <c>login</c> event (docs/login-stage.md).</summary>
    public static string Login(LoginCommand command, SessionV1 session)
    {
        var client = command.Client;
        var context = new JsonObject
        {
            ["auth_method"] = session.AuthMethod,
            ["auth_method_args"] = AuthMethodArgs(command.AuthMethodArgsJson, session.KnownDevice),
            ["http_request"] = new JsonObject
            {
                ["path"] = client.Path,
                ["method"] = client.Method,
                ["args"] = JsonNode.Parse(client.ArgsJson),
                ["user_agent"] = client.UserAgent,
                ["request_id"] = client.RequestId,
            },
        };
        AddPlace(context, session.Asn, session.Geo);
        if (command.Source is not null)
        {
            context["source"] = command.Source;
        }

        context["session_uuid"] = session.Id;
        return context.ToJsonString(Relaxed);
    }

    /// <summary>The context of a <c>logout</c> event: that of a broken binding is authentik's, key for key. A caller's own words stand beside the standard ones.</summary>
    public static string Logout(
        SessionId session, EndReason reason, string? words, ClientFacts? client, AsnInfo? asn, GeoInfo? geo, BindingBreak? binding, string? actor)
    {
        var context = new JsonObject();
        AddPlace(context, asn, geo);
        if (binding is not null)
        {
            context["binding"] = new JsonObject
            {
                ["reason"] = binding.Reason,
                ["new_value"] = JsonNode.Parse(binding.NewValueJson),
                ["previous_value"] = JsonNode.Parse(binding.PreviousValueJson),
            };
            context["ip"] = new JsonObject { ["previous"] = binding.PreviousIp, ["new"] = binding.NewIp };
        }

        AddAsked(context, client, actor);
        context["logout_reason"] = words ?? EndReasons.Text(reason);
        if (words is not null)
        {
            context["standard_reason"] = EndReasons.Text(reason);
        }

        context["session_uuid"] = session.Value;
        return context.ToJsonString(Relaxed);
    }

    /// <summary>The context of what authentik tells of any of its models: which one, by whom, and what became of its fields.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="client">Who asked.</param>
    /// <param name="actor">The name of the api key that asked.</param>
    /// <param name="changes">The fields that changed, each with its values before and after; null for what was made or deleted.</param>
    public static string Model(
        string app, string model, string pk, string name, ClientFacts? client, string? actor, IEnumerable<(string Field, object Before, object After)>? changes)
    {
        var context = new JsonObject { ["model"] = new JsonObject { ["app"] = app, ["model_name"] = model, ["pk"] = pk, ["name"] = name } };
        AddAsked(context, client, actor);
        if (changes is not null)
        {
            context["diff"] = new JsonObject(changes.Select(change => KeyValuePair.Create(
                change.Field, (JsonNode?)new JsonObject { ["previous_value"] = Value(change.Before), ["new_value"] = Value(change.After) })));
        }

        return context.ToJsonString(Relaxed);
    }

    private static JsonValue? Value(object value) => value is bool flag ? JsonValue.Create(flag) : JsonValue.Create(value.ToString());

    private static void AddAsked(JsonObject context, ClientFacts? client, string? actor)
    {
        if (client is not null)
        {
            context["http_request"] = new JsonObject
            {
                ["args"] = JsonNode.Parse(client.ArgsJson), ["path"] = client.Path, ["method"] = client.Method, ["user_agent"] = client.UserAgent,
            };
        }

        if (actor is not null)
        {
            context["actor"] = actor;
        }
    }

    private static JsonObject AuthMethodArgs(string argsJson, bool knownDevice)
    {
        var args = JsonNode.Parse(argsJson)!.AsObject();
        args.Remove("known_device");
        args.Insert(0, "known_device", knownDevice);
        return args;
    }

    private static void AddPlace(JsonObject context, AsnInfo? asn, GeoInfo? geo)
    {
        if (asn is not null)
        {
            context["asn"] = GeoJson.Of(asn);
        }

        if (geo is not null)
        {
            context["geo"] = GeoJson.Of(geo);
        }
    }
}
