namespace SessionCluster.Api.Pages.ApiDocs;

/// <summary>One operation of the API, as its description has it.</summary>
/// <param name="Tag">The group that it belongs to.</param>
/// <param name="Description">More about it.</param>
public sealed record Operation(
    string Id, string Method, string Path, string Tag, string Summary, string Description, string Callers, IReadOnlyList<Member> Parameters, IReadOnlyList<Member> Body, IReadOnlyList<Answer> Answers);

/// <summary>A parameter, or a member of a body.</summary>
public sealed record Member(string Name, string Type, bool IsRequired, string Description);

public sealed record Answer(string Status, string Description, string Type, IReadOnlyList<Member> Members);

/// <summary>Reads <c>/openapi/v1.json</c> for people. The document is the one that is served.</summary>
internal static class ApiDocument
{
    private const int Deepest = 3;

    private static readonly JsonObject Document = JsonNode.Parse(OpenApiDocument.Bytes.Span)!.AsObject();

    /// <summary>All operations, in the document's order.</summary>
    public static IReadOnlyList<Operation> Operations { get; } = [.. Read()];

    private static IEnumerable<Operation> Read() =>
        from path in Document["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        where method.Value is JsonObject
        select Read(path.Key, method.Key, method.Value!.AsObject());

    private static Operation Read(string path, string method, JsonObject operation) => new(
        Text(operation["operationId"]), method.ToUpperInvariant(), path, Text(operation["tags"]?[0]), Text(operation["summary"]), Text(operation["description"]), Callers(operation),
        [.. (operation["parameters"]?.AsArray() ?? []).Select(parameter => Parameter(Resolve(parameter!)))],
        Members(operation["requestBody"] is { } body ? Schema(Resolve(body)) : null),
        [.. operation["responses"]!.AsObject().Select(answer => ReadAnswer(answer.Key, Resolve(answer.Value!)))]);

    private static string Callers(JsonObject operation)
    {
        var schemes = (operation["security"]?.AsArray() ?? []).SelectMany(entry => entry!.AsObject().Select(scheme => scheme.Key)).Distinct().ToList();
        return schemes.Count == 0 ? "everyone" : string.Join(", ", schemes.Select(scheme => scheme switch
        {
            "serviceKey" => "a service with its key",
            "sessionToken" => "a person with a session token",
            "sessionCookie" => "a person with the session cookie",
            _ => scheme,
        }));
    }

    private static Member Parameter(JsonObject parameter) => new(
        Text(parameter["name"]), $"{Type(parameter["schema"])}, in {Text(parameter["in"])}", parameter["required"]?.GetValue<bool>() == true, Text(parameter["description"]));

    private static Answer ReadAnswer(string status, JsonObject answer)
    {
        var schema = Schema(answer);
        // Problems are alike everywhere; their members stand once in the introduction.
        var isProblem = answer["content"]?["application/problem+json"] is not null;
        return new Answer(status, Text(answer["description"]), isProblem ? "a problem" : Type(schema), isProblem ? [] : Members(schema));
    }

    private static JsonNode? Schema(JsonObject holder) => holder["content"] is JsonObject { Count: > 0 } content ? content.First().Value?["schema"] : null;

    // Members of a request that are only told would be taken for ones that can be set.
    private static List<Member> Members(JsonNode? schema, string prefix = "", int depth = 0)
    {
        if (schema is null || depth > Deepest)
        {
            return [];
        }

        var resolved = Resolve(schema);
        var required = (resolved["required"] as JsonArray ?? []).Select(Text).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Parts(resolved["allOf"]).SelectMany(part => Members(part, prefix, depth)),
            .. OneOf(Parts(resolved["oneOf"] ?? resolved["anyOf"]).Select(part => Members(part, prefix, depth)).Where(members => members.Count > 0).ToList()),
            .. resolved["items"] is { } items ? Members(items, prefix, depth) : [],
            .. (resolved["properties"] as JsonObject ?? []).Where(property => property.Value!["readOnly"] is null).SelectMany(property => Members(property.Value, $"{prefix}{property.Key}.", depth + 1).Prepend(new Member(
                prefix + property.Key, Type(property.Value), required.Contains(property.Key), Text(property.Value!["description"]) is { Length: > 0 } own ? own : Text(Resolve(property.Value)["description"])))),
        ];
    }

    /// <summary>The members of all choices; required is what every one of them requires.</summary>
    private static IEnumerable<Member> OneOf(List<List<Member>> choices) =>
        from member in choices.SelectMany(choice => choice)
        group member by member.Name into same
        select same.First() with { IsRequired = same.Count(member => member.IsRequired) == choices.Count };

    private static JsonArray Parts(JsonNode? parts) => parts as JsonArray ?? [];

    private static string Type(JsonNode? schema)
    {
        if (schema is not JsonObject given)
        {
            return "";
        }

        if (given["$ref"] is { } reference)
        {
            return Text(reference).Split('/')[^1];
        }

        if ((given["oneOf"] ?? given["anyOf"]) is JsonArray choices)
        {
            return string.Join(" or ", choices.Select(Type).Where(text => text.Length > 0).Distinct());
        }

        var type = given["type"] is JsonArray types ? string.Join(" or ", types.Select(Text)) : Text(given["type"]);
        return given["enum"] is JsonArray values ? string.Join(" | ", values.Select(value => value?.ToJsonString() ?? "null"))
            : type == "array" ? $"list of {Type(given["items"])}"
            : given["format"] is { } format ? $"{type} ({Text(format)})"
            : type;
    }

    private static JsonObject Resolve(JsonNode node)
    {
        while (node["$ref"] is { } reference)
        {
            node = Text(reference).Split('/').Skip(1).Aggregate((JsonNode)Document, (at, name) => at[name]!);
        }

        return node.AsObject();
    }

    private static string Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
}
