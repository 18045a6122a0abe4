using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace SessionCluster.Server.Tests.Proxies;

/// <summary>A path that is open to everyone, with a star at its end where all below it is, and where it leads.</summary>
internal readonly record struct PublishedPath(string Path, string To);

/// <summary>
/// What each configuration publishes, and what docs/forward-auth.md says. A rule that is written in another way than those of today is no
/// match for the patterns here and fails, so that none is overlooked.
/// </summary>
internal static partial class PublishedPaths
{
    private const string Application = "application";

    private const string Server = "sessioncluster";

    /// <summary>The table of the document.</summary>
    public static IEnumerable<PublishedPath> Documented()
    {
        var rows = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "forward-auth.md"))
            .SkipWhile(line => line != "## What to publish").TakeWhile(line => !line.StartsWith("Not published", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|'));
        return rows.SelectMany(cells => CodeWord().Matches(cells[1]).Select(word => new PublishedPath(word.Groups[1].Value, cells[2].Trim() switch
        {
            "the application" => Application,
            "this server" => Server,
            var other => other,
        })));
    }

    /// <summary>nginx' locations but the guarded one, the check and the refusal.</summary>
    public static IEnumerable<PublishedPath> OfNginx()
    {
        var text = Configuration.Text("nginx/nginx.conf");
        string[] own = ["/ {", "= /session-check {", "@no_session {"];
        return Location().Matches(text).Select(line => line.Groups[1].Value.Trim()).Except(own).Select(location =>
        {
            var match = OpenLocation().Match(location);
            Assert.True(match.Success && match.Groups["path"].Value == match.Groups["handed"].Value, location);
            return new PublishedPath(match.Groups["path"].Value + (match.Groups["exact"].Success ? "" : "*"), match.Groups["to"].Value);
        });
    }

    /// <summary>What Caddy's handles before the check match.</summary>
    public static IEnumerable<PublishedPath> OfCaddy()
    {
        var text = Configuration.Text("caddy/Caddyfile");
        var paths = CaddyMatcher().Matches(text).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["paths"].Value.Split(' '));
        var handles = CaddyHandle().Matches(text).ToList();
        // The last handle asks the check.
        Assert.Equal((handles.Count + 1, handles.Count + 1), (CaddyHandles().Count(text), CaddyProxies().Count(text)));
        return handles.SelectMany(handle => paths[handle.Groups["name"].Value].Select(path => new PublishedPath(path, handle.Groups["to"].Value.ToLowerInvariant())));
    }

    /// <summary>The rules of Traefik's routers that neither check nor refuse.</summary>
    public static IEnumerable<PublishedPath> OfTraefik() => Configuration.Traefik.Routers
        .Where(router => router.Service != "noop@internal" && !router.Middlewares.Contains("session"))
        .SelectMany(router =>
        {
            var rule = TraefikRule().Match(router.Rule);
            Assert.True(rule.Success, router.Rule);
            return rule.Groups["one"].Captures.Select(one => TraefikPath().Match(one.Value)).Select(one =>
                new PublishedPath(one.Groups["path"].Value + (one.Groups["kind"].Value == "Path" ? "" : "*"), router.Service));
        });

    /// <summary>Envoy's routes that neither check nor refuse.</summary>
    public static IEnumerable<PublishedPath> OfEnvoy() => Configuration.Envoy.Routes
        .Where(route => route.Children.ContainsKey("typed_per_filter_config"))
        .Select(route =>
        {
            var (kind, path) = Assert.Single(((YamlMappingNode)route.Children["match"]).Children);
            Assert.Contains(((YamlScalarNode)kind).Value, new[] { "path", "prefix" });
            return new PublishedPath(((YamlScalarNode)path).Value + (((YamlScalarNode)kind).Value == "path" ? "" : "*"), Configuration.Text(route, "route.cluster"));
        });

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeWord();

    [GeneratedRegex(@"^\s*location\b(.*)$", RegexOptions.Multiline)]
    private static partial Regex Location();

    [GeneratedRegex(@"^(?<exact>= )?(?<path>/\S+)\s+\{ proxy_pass http://(?<to>[a-z]+)(?<handed>/\S+); \}$")]
    private static partial Regex OpenLocation();

    [GeneratedRegex(@"^\s*@(?<name>\w+) path (?<paths>.+)$", RegexOptions.Multiline)]
    private static partial Regex CaddyMatcher();

    [GeneratedRegex(@"\bhandle @(?<name>\w+) \{\s+reverse_proxy \{\$(?<to>[A-Z]+):[0-9.:]+\}\s+\}")]
    private static partial Regex CaddyHandle();

    [GeneratedRegex(@"\bhandle\b.*\{$", RegexOptions.Multiline)]
    private static partial Regex CaddyHandles();

    [GeneratedRegex(@"^\s*reverse_proxy\b", RegexOptions.Multiline)]
    private static partial Regex CaddyProxies();

    [GeneratedRegex(@"^Host\(`app\.example\.com`\) && \((?<one>Path(Prefix)?\(`[^`]+`\))( \|\| (?<one>Path(Prefix)?\(`[^`]+`\)))*\)$")]
    private static partial Regex TraefikRule();

    [GeneratedRegex("^(?<kind>Path|PathPrefix)\\(`(?<path>[^`]+)`")]
    private static partial Regex TraefikPath();
}
