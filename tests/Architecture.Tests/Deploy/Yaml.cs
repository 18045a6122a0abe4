using YamlDotNet.RepresentationModel;

namespace SessionCluster.Architecture.Tests.Deploy;

/// <summary>Reads YAML files of the repository.</summary>
internal static class Yaml
{
    /// <summary>The documents of a file.</summary>
    public static IReadOnlyList<YamlMappingNode> Read(string file) => Parse(Repository.Read(file));

    /// <summary>The documents of a text.</summary>
    public static IReadOnlyList<YamlMappingNode> Parse(string content)
    {
        using var text = new StringReader(content);
        var stream = new YamlStream();
        stream.Load(text);
        return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    /// <summary>A node and all below it.</summary>
    public static IEnumerable<YamlNode> All(this YamlNode node) => node.AllNodes;

    /// <summary>The node at a path such as <c>spec.template.metadata</c>; a number is a place in a list.</summary>
    public static YamlNode At(this YamlNode node, string path) => path.Split('.').Aggregate(node, (at, name) => at switch
    {
        YamlMappingNode map when map.Children.TryGetValue(name, out var child) => child,
        YamlSequenceNode list when int.TryParse(name, out var place) && place < list.Children.Count => list.Children[place],
        _ => throw new InvalidOperationException($"There is no {path} ({name})."),
    });

    /// <summary>The text of a member; null where there is none.</summary>
    public static string? Text(this YamlMappingNode node, string name) => node.Children.TryGetValue(name, out var child) ? (child as YamlScalarNode)?.Value : null;

    /// <summary>The text at a path.</summary>
    public static string TextAt(this YamlNode node, string path) => ((YamlScalarNode)node.At(path)).Value!;
}
