using Microsoft.AspNetCore.Routing;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Keys;

namespace SessionCluster.Api.Tests.Http;

/// <summary>docs/routes.md against what is mounted.</summary>
public sealed class RoutesTests
{
    [Fact]
    public async Task The_table_of_the_documents_holds_every_path_with_its_methods_and_callers()
    {
        await using var host = await ApiHost.Start();
        var mounted = host.Endpoints.OfType<RouteEndpoint>().Select(endpoint =>
            $"| {Methods(endpoint)} | `{endpoint.RoutePattern.RawText}` | {Callers(endpoint.Metadata.OfType<Access>().Single())} |");
        var table = (await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "routes.md")))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Contains('`', StringComparison.Ordinal));

        Assert.Equal(mounted.Order(StringComparer.Ordinal), table.Select(Row).Order(StringComparer.Ordinal));
    }

    // Without the last column, which says in words what the path is for.
    private static string Row(string line) => string.Join('|', line.Split('|')[..4]) + "|";

    private static string Methods(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? string.Join(", ", methods) : "any";

    private static string Callers(Access access)
    {
        if (access.Everyone)
        {
            return "everyone";
        }

        var roles = Enum.GetValues<Roles>().Where(role => role is not (Roles.None or Roles.All) && access.Roles.HasFlag(role));
        return string.Join(", ", [.. roles.Select(role => role.ToString().ToLowerInvariant()), .. access.Sessions ? ["session"] : Array.Empty<string>()]);
    }
}
