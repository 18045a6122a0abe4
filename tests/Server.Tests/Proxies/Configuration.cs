using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace SessionCluster.Server.Tests.Proxies;

/// <summary>One of Traefik's routers.</summary>
internal sealed record TraefikRouter(string Name, string Rule, string Service, int Priority, IReadOnlyList<string> Middlewares);

/// <summary>Reads the files of examples.</summary>
internal static class Configuration
{
    /// <summary>A file as it is.</summary>
    public static string Text(string example) => File.ReadAllText(PathOf(example));

    public static YamlNode Read(string example)
    {
        using var file = File.OpenText(PathOf(example));
        var stream = new YamlStream();
        stream.Load(file);
        return stream.Documents.Single().RootNode;
    }

    /// <summary>The text at a path of names, and of numbers for places in a list.</summary>
    public static string Text(YamlNode node, string path) => ((YamlScalarNode)At(node, path)).Value!;

    /// <summary>The node at such a path.</summary>
    public static YamlNode At(YamlNode node, string path) => path.Split('.').Aggregate(node, (at, name) => at is YamlSequenceNode list
        ? list.Children[int.Parse(name, CultureInfo.InvariantCulture)]
        : ((YamlMappingNode)at).Children[name]);

    /// <summary>The texts of a list; none where there is no such list.</summary>
    public static IReadOnlyList<string> Texts(YamlNode node, string name) =>
        ((YamlMappingNode)node).Children.TryGetValue(name, out var list) ? [.. ((YamlSequenceNode)list).Select(item => ((YamlScalarNode)item).Value!)] : [];

    private static string PathOf(string example) => Path.Combine(AppContext.BaseDirectory, "examples", example);

    /// <summary>Traefik's files.</summary>
    public static class Traefik
    {
        /// <summary>Routes and middlewares.</summary>
        public static readonly YamlNode Dynamic = Read("traefik/dynamic.yml");

        /// <summary>The entry point that is set at the start.</summary>
        public static readonly YamlNode Entry = At(Read("traefik/traefik.yml"), "entryPoints.websecure");

        public static IReadOnlyList<TraefikRouter> Routers => [.. ((YamlMappingNode)At(Dynamic, "http.routers")).Children.Select(router => new TraefikRouter(
            ((YamlScalarNode)router.Key).Value!, Text(router.Value, "rule"), Text(router.Value, "service"),
            int.Parse(Text(router.Value, "priority"), CultureInfo.InvariantCulture), Texts(router.Value, "middlewares")))];
    }

    /// <summary>Envoy's file.</summary>
    public static class Envoy
    {
        /// <summary>What takes requests.</summary>
        public static readonly YamlNode Manager = At(Read("envoy/envoy.yaml"), "static_resources.listeners.0.filter_chains.0.filters.0.typed_config");

        /// <summary>The names of the filters, in their order.</summary>
        public static IReadOnlyList<string> FilterNames => [.. Filters.Select(filter => Text(filter, "name"))];

        /// <summary>The routes, in their order.</summary>
        public static IReadOnlyList<YamlMappingNode> Routes => [.. ((YamlSequenceNode)At(Manager, "route_config.virtual_hosts.0.routes")).Cast<YamlMappingNode>()];

        private static YamlSequenceNode Filters => (YamlSequenceNode)At(Manager, "http_filters");

        /// <summary>What a filter is set to.</summary>
        public static YamlNode Filter(string name) => At(Filters.Single(filter => Text(filter, "name") == name), "typed_config");
    }
}
