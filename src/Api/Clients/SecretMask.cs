using System.Text.Encodings.Web;

namespace SessionCluster.Api.Clients;

/// <summary>Masks the values of arguments whose names suggest a secret, before anything is stored.</summary>
internal static class SecretMask
{
    /// <summary>What stands in a masked value's place.</summary>
    public const string Asterisks = "********";

    public const string Empty = "{}";

    private static readonly string[] Words = ["token", "password", "secret", "key", "code"];

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether values under the name are masked.</summary>
    public static bool Covers(string name) => Words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The text of a JSON object, masked at any depth.</summary>
    public static string Mask(JsonElement arguments) =>
        arguments.ValueKind == JsonValueKind.Object ? Masked(arguments)!.ToJsonString(Relaxed) : Empty;

    /// <summary>The query's parameters as the text of a JSON object, masked; a repeated parameter becomes an array.</summary>
    public static string Mask(IQueryCollection query) => new JsonObject(query.Select(parameter => Member(
        parameter.Key,
        () => parameter.Value.Count == 1 ? parameter.Value[0] : new JsonArray([.. parameter.Value.Select(value => (JsonNode?)value)])))).ToJsonString(Relaxed);

    private static KeyValuePair<string, JsonNode?> Member(string name, Func<JsonNode?> value) => new(name, Covers(name) ? Asterisks : value());

    private static JsonNode? Masked(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new JsonObject(element.EnumerateObject().Select(property => Member(property.Name, () => Masked(property.Value)))),
        JsonValueKind.Array => new JsonArray([.. element.EnumerateArray().Select(Masked)]),
        _ => JsonValue.Create(element),
    };
}
