using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SessionCluster.Architecture.Tests;

/// <summary>Rules of form. Each gives its findings as lines that say where, what, and what to do.</summary>
internal static class SourceRules
{
    public const int MaxFileLines = 300;
    public const int MaxMethodLines = 70;
    public const int MaxGrainMethodLines = 30;
    public const string LengthReason = "// Over 300 lines because";

    /// <summary>The reason for a long file stands within this many lines of its start.</summary>
    private const int ReasonLines = 15;

    /// <summary>What grains and contracts leave to the silo and to the API.</summary>
    private static readonly string[] Hosts = ["Npgsql", "Sqlite", "MaxMind", "AspNetCore"];

    /// <summary>Grains ask for what they need by interfaces of their own, and so run in a simulation, too.</summary>
    public static IEnumerable<string> HostIndependence(SourceFile file)
    {
        foreach (var name in file.Tree.DescendantNodes().OfType<IdentifierNameSyntax>().Where(n => Hosts.Contains(n.Identifier.Text)))
        {
            yield return file.At(name, $"names {name.Identifier.Text}. State what is needed as an interface here, and bring it in src/Silo.");
        }
    }

    public static IEnumerable<string> OneText(SourceFile file)
    {
        foreach (var trivia in file.Tree.DescendantTrivia().Where(t => t.IsKind(SyntaxKind.IfDirectiveTrivia)))
        {
            yield return file.At(trivia.GetStructure()!, "holds an #if. There is one build: what differs is chosen by a setting or by a class.");
        }
    }

    public static IEnumerable<string> FileLength(SourceFile file)
    {
        var reason = file.Lines.Take(ReasonLines).Any(l => l.TrimStart().StartsWith(LengthReason, StringComparison.Ordinal));
        if (file.Lines.Length > MaxFileLines && !reason)
        {
            yield return $"{file.Path}: has {file.Lines.Length} lines, over {MaxFileLines}. Split it by what it knows, "
                + $"or say within the first {ReasonLines} lines: \"{LengthReason} ...\".";
        }
    }

    public static IEnumerable<string> MethodLength(SourceFile file)
    {
        foreach (var (node, name) in Methods(file.Tree))
        {
            if (LinesOf(file, node) is > MaxMethodLines and var lines)
            {
                yield return file.At(node, $"{name} has {lines} lines, over {MaxMethodLines}. Give its steps names of their own.");
            }
        }
    }

    /// <summary>What a caller reaches first should show its whole course.</summary>
    /// <param name="file">Any file.</param>
    /// <param name="grains">The grain classes; a part of one need not say that it is one.</param>
    public static IEnumerable<string> GrainMethodLength(SourceFile file, IReadOnlySet<string> grains)
    {
        foreach (var method in file.Tree.DescendantNodes().OfType<MethodDeclarationSyntax>())
        {
            if (method.Parent is ClassDeclarationSyntax owner && grains.Contains(owner.Identifier.Text)
                && method.Modifiers.Any(SyntaxKind.PublicKeyword) && LinesOf(file, method) is > MaxGrainMethodLines and var lines)
            {
                yield return file.At(method, $"{owner.Identifier.Text}.{method.Identifier.Text} has {lines} lines, over "
                    + $"{MaxGrainMethodLines}. Move the decision into a plain class that tests can call.");
            }
        }
    }

    /// <summary>The names of the grain classes in a file.</summary>
    public static IEnumerable<string> GrainClasses(SourceFile file) =>
        file.Tree.DescendantNodes().OfType<ClassDeclarationSyntax>()
            .Where(c => c.AttributeLists.SelectMany(l => l.Attributes).Any(a => a.Name.ToString() == "GrainType"))
            .Select(c => c.Identifier.Text);

    private static IEnumerable<(SyntaxNode Node, string Name)> Methods(SyntaxNode tree)
    {
        foreach (var node in tree.DescendantNodes())
        {
            switch (node)
            {
                case MethodDeclarationSyntax method:
                    yield return (method, method.Identifier.Text);
                    break;
                case BaseMethodDeclarationSyntax other:
                    yield return (other, other.Kind().ToString());
                    break;
                case LocalFunctionStatementSyntax local:
                    yield return (local, local.Identifier.Text);
                    break;
                case AccessorDeclarationSyntax accessor:
                    yield return (accessor, accessor.Keyword.Text);
                    break;
            }
        }
    }

    /// <summary>Lines from the signature to the closing brace; attributes and comments above do not count.</summary>
    private static int LinesOf(SourceFile file, SyntaxNode node)
    {
        var signature = node.ChildNodesAndTokens().First(c => !c.IsKind(SyntaxKind.AttributeList));
        return file.LineOf(node.Span.End) - file.LineOf(signature.SpanStart) + 1;
    }
}
