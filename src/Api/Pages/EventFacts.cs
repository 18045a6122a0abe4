namespace SessionCluster.Api.Pages;

/// <summary>What pages show of an event's context. Whatever a caller put there is read as what it should be, or not at all.</summary>
public sealed class EventFacts
{
    // Pages encode what they show by themselves.
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Indented = new(Relaxed) { WriteIndented = true };

    private readonly JsonObject _context;

    public EventFacts(EventInfo entry)
    {
        Event = entry;
        _context = Parse(entry.ContextJson);
    }

    public EventInfo Event { get; }

    /// <summary>The place of the address.</summary>
    public GeoInfo? Geo => _context["geo"] is JsonObject geo ? GeoOf(geo) : null;

    /// <summary>The network of the address.</summary>
    public AsnInfo? Asn => _context["asn"] is JsonObject asn ? AsnOf(asn) : null;

    /// <summary>Whether a login came from a known device; null where it does not say.</summary>
    public bool? KnownDevice => _context["auth_method_args"] is JsonObject args && args["known_device"] is JsonValue value && value.TryGetValue<bool>(out var known) ? known : null;

    /// <summary>How the user proved who they are.</summary>
    public string? AuthMethod => Text(_context["auth_method"]);

    public string UserAgent => Text(Request?["user_agent"]) ?? "";

    public string? Method => Text(Request?["method"]);

    public string? Path => Text(Request?["path"]);

    /// <summary>The masked arguments of the request, as JSON; null when there are none.</summary>
    public string? Arguments => Request?["args"] is JsonObject { Count: > 0 } args ? args.ToJsonString(Relaxed) : null;

    /// <summary>Why a session ended, in the event's words.</summary>
    public string? LogoutReason => Text(_context["logout_reason"]);

    /// <summary>Why it ended, where the words are the standard ones.</summary>
    public EndReason? Reason => LogoutReason is { } text ? EndReasons.Of(text) : null;

    /// <summary>Why it ended, also where a caller gave words of its own.</summary>
    public EndReason? StandardReason => Text(_context["standard_reason"]) is { } text ? EndReasons.Of(text) : Reason;

    /// <summary>The api key that asked.</summary>
    public string? Actor => Text(_context["actor"]);

    /// <summary>The layer of a broken binding.</summary>
    public string? Binding => Text(_context["binding"]?["reason"]);

    /// <summary>Its value before.</summary>
    public JsonNode? Previous => _context["binding"]?["previous_value"];

    /// <summary>Its value after.</summary>
    public JsonNode? New => _context["binding"]?["new_value"];

    /// <summary>The addresses of a broken binding.</summary>
    public (string? Previous, string? New) Addresses => (Text(_context["ip"]?["previous"]), Text(_context["ip"]?["new"]));

    /// <summary>Whether a change left a user active; null for any other change.</summary>
    public bool? Activated => Model.Kind == "user" && ((_context["diff"] as JsonObject)?["is_active"] as JsonObject)?["new_value"] is JsonValue value && value.TryGetValue<bool>(out var active) ? active : null;

    public (string? Kind, string? Name) Model => (Text(_context["model"]?["model_name"]), Text(_context["model"]?["name"]));

    public string Json => _context.ToJsonString(Indented);

    /// <summary>One side of a broken binding in words, and the code of a place.</summary>
    public static (string Text, string? Code) BindingValue(JsonNode? value) => value switch
    {
        JsonObject part when part["names"] is JsonObject names => Place(names, Text(part["iso_code"]) ?? Text(part["code"]), Number(part["geoname_id"])),
        JsonObject record when AsnOf(record) is { } asn => ($"AS{asn.Asn}{(asn.Network is null ? "" : $", {asn.Network}")}", null),
        JsonObject { Count: > 0 } record => (PlaceWords.Of(GeoOf(record)), null),
        _ when Text(value) is { Length: > 0 } text => (text, null),
        _ when Number(value) is { } number => ($"AS{(long)number}", null),
        _ => ("No record", null),
    };

    private static (string Text, string? Code) Place(JsonObject names, string? code, double? geoname) =>
        (Text(names["en"]) ?? names.Select(name => Text(name.Value)).FirstOrDefault(name => name is not null)) is { } name ? (name, code) : (code ?? (geoname is null ? "Without a name" : $"GeoName {(long)geoname}"), null);

    private static GeoInfo GeoOf(JsonObject geo) =>
        new(Number(geo["lat"]), Number(geo["long"]), Text(geo["city"]) ?? "", Text(geo["country"]), Text(geo["continent"]));

    private static AsnInfo? AsnOf(JsonObject asn) => Number(asn["asn"]) is { } number ? new AsnInfo((long)number, Text(asn["as_org"]), Text(asn["network"])) : null;

    private JsonObject? Request => _context["http_request"] as JsonObject;

    private static JsonObject Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;
}
