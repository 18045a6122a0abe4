using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using SessionCluster.Api.Hosting;

namespace SessionCluster.Api.Tests.Http;

/// <summary>The document says what the server does, and is sound in itself.</summary>
public sealed partial class OpenApiTests
{
    /// <summary>The methods that a document can tell of: OpenAPI 3.1, Path Item Object.</summary>
    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

    private static readonly string File = Path.Combine(AppContext.BaseDirectory, "v1.json");

    internal static readonly JsonObject Document = JsonNode.Parse(System.IO.File.ReadAllText(File))!.AsObject();

    private static IEnumerable<(string Path, string Method, JsonObject Operation)> Operations =>
        from path in Document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (path.Key, operation.Key, operation.Value!.AsObject());

    [Fact]
    public async Task The_served_document_is_the_file()
    {
        await using var host = await ApiHost.Start();

        var answer = (await host.Send("GET", "/openapi/v1.json", null, ("Anonymous", ""))).MustBe(200);

        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal(await System.IO.File.ReadAllTextAsync(File), answer.Text);
        Assert.Equal("", (await host.Send("HEAD", "/openapi/v1.json", null, ("Anonymous", ""))).MustBe(200).Text);
    }

    [Fact]
    public async Task The_document_and_the_start_page_say_the_version_of_the_product()
    {
        await using var host = await ApiHost.Start();

        Assert.Equal(ProgramVersion.Text, (string?)Document["info"]!["version"]);
        Assert.Contains($"Version {ProgramVersion.Text}<", (await host.Send("GET", "/")).Text, StringComparison.Ordinal);
        Assert.Matches("^[0-9]+[.][0-9]+[.][0-9]+$", ProgramVersion.Text);
    }

    [Fact]
    public async Task The_document_has_the_routes_and_methods_of_the_server_and_no_others()
    {
        await using var host = await ApiHost.Start();
        var served = host.Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.GetMetadata<PageRoute>() is null).SelectMany(endpoint =>
            (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : Methods)
                .Select(method => $"{method.ToLowerInvariant()} {endpoint.RoutePattern.RawText!.Replace("**", "", StringComparison.Ordinal)}"));

        Assert.Equal(served.Order(StringComparer.Ordinal), Operations.Select(o => $"{o.Method} {o.Path}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_reference_resolves_and_every_component_is_used()
    {
        var references = All(Document).OfType<JsonObject>().Where(node => node["$ref"] is not null).Select(node => (string)node["$ref"]!).ToHashSet();

        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.NotNull(Resolve(reference)));
        var components =
            from kind in Document["components"]!.AsObject()
            where kind.Key != "securitySchemes"
            from component in kind.Value!.AsObject()
            select $"#/components/{kind.Key}/{component.Key}";
        Assert.Empty(components.Except(references));
    }

    [Fact]
    public void Every_operation_has_an_id_of_its_own_and_complete_responses()
    {
        Assert.Equal("3.1.0", (string?)Document["openapi"]);
        var ids = Operations.Select(o => (string?)o.Operation["operationId"]).ToList();
        Assert.DoesNotContain(null, ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(Operations, o =>
        {
            Assert.Contains(o.Method, Methods);
            var responses = o.Operation["responses"]!.AsObject();
            Assert.Contains(responses, r => r.Key.StartsWith('2'));
            Assert.All(responses, r => Assert.Matches("^([1-5][0-9][0-9]|default)$", r.Key));
            Assert.All(responses, r => Assert.NotNull((string?)Target(r.Value!)["description"]));
            Assert.All(
                responses.Where(r => r.Key[0] is '4' or '5' or 'd' && o.Method != "head"),
                r => Assert.NotNull(Problem(o.Path, Target(r.Value!)["content"]!)!["schema"]));
            Assert.True(o.Operation["security"]!.AsArray().Count == 0 || responses.ContainsKey("401"), $"{o.Method} {o.Path} does not tell of 401.");
        });
    }

    /// <summary>The page of a plan is refused as a page.</summary>
    private static JsonNode? Problem(string path, JsonNode content) =>
        content["application/problem+json"] ?? (path.StartsWith("/if/flow/", StringComparison.Ordinal) ? content["text/html"] : null);

    [Fact]
    public void The_parameters_of_every_path_are_described() => Assert.All(Operations, o =>
    {
        var parameters = (o.Operation["parameters"]?.AsArray() ?? []).Select(p => Target(p!)).ToList();
        Assert.Equal(
            Names().Matches(o.Path).Select(match => match.Groups[1].Value).Order(),
            parameters.Where(p => (string)p["in"]! == "path").Select(p => (string)p["name"]!).Order());
        Assert.All(parameters, p => Assert.NotNull(p["schema"]));
        Assert.All(parameters.Where(p => (string)p["in"]! == "path"), p => Assert.True((bool)p["required"]!));
        Assert.Equal(parameters.Count, parameters.Select(p => $"{p["in"]} {p["name"]}").Distinct().Count());
    });

    [Fact]
    public void Every_security_requirement_names_a_scheme()
    {
        var schemes = Document["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key).ToHashSet();
        var named = Operations.SelectMany(o => o.Operation["security"]!.AsArray()).SelectMany(r => r!.AsObject()).Select(r => r.Key).ToHashSet();

        Assert.Equal(schemes.Order(), named.Order());
    }

    [Fact]
    public void Every_required_member_is_a_property() => Assert.All(
        All(Document).OfType<JsonObject>().Where(node => node["required"] is JsonArray && node["properties"] is JsonObject),
        node => Assert.All(node["required"]!.AsArray(), name => Assert.True(node["properties"]!.AsObject().ContainsKey((string)name!))));

    /// <summary>A misspelt member would be left out silently, and what was read is sent back changed.</summary>
    [Theory]
    [InlineData("Stage")]
    [InlineData("AlertTransport")]
    [InlineData("AlertRule")]
    [InlineData("AlertMatcher")]
    [InlineData("AlertBinding")]
    public void Of_configuration_no_unknown_member_is_taken_and_all_that_is_answered(string schema)
    {
        var schemas = Document["components"]!["schemas"]!;
        foreach (var request in new[] { $"{schema}Request", $"Patched{schema}Request" })
        {
            Assert.False((bool?)schemas[request]!["additionalProperties"]);
            var taken = schemas[request]!["properties"]!.AsObject();
            var answered = schemas[schema]!["properties"]!.AsObject();
            Assert.Empty(answered.Select(member => member.Key).Except(taken.Select(member => member.Key)));
            Assert.All(taken, member => Assert.True(answered.ContainsKey(member.Key) || (bool?)member.Value!["writeOnly"] == true, member.Key));
        }
    }

    private static IEnumerable<JsonNode> All(JsonNode node) => (node switch
    {
        JsonObject members => members.Select(member => member.Value),
        JsonArray items => items,
        _ => [],
    }).OfType<JsonNode>().SelectMany(All).Prepend(node);

    internal static JsonNode Target(JsonNode node) => (string?)node["$ref"] is { } reference ? Resolve(reference)! : node;

    private static JsonNode? Resolve(string reference) =>
        reference.StartsWith("#/", StringComparison.Ordinal) ? reference[2..].Split('/').Aggregate((JsonNode?)Document, (node, name) => node?[name]) : null;

    [GeneratedRegex("{([^}]+)}")]
    private static partial Regex Names();
}
