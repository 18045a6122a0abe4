using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SessionCluster.Architecture.Tests;

/// <summary>A parsed C# file.</summary>
internal sealed record SourceFile(string Path, string[] Lines, SyntaxNode Tree)
{
    public static SourceFile Parse(string path, string text)
    {
        var tree = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview, DocumentationMode.Parse));
        return new SourceFile(path, text.TrimEnd('\n').Split('\n'), tree.GetRoot());
    }

    public bool IsIn(params ReadOnlySpan<string> folders)
    {
        foreach (var folder in folders)
        {
            if (Path.StartsWith(folder + "/", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A finding at a node of this file.</summary>
    public string At(SyntaxNode node, string what) => $"{Path}:{LineOf(node.SpanStart)}: {what}";

    /// <summary>The line, counted from 1, of a position.</summary>
    public int LineOf(int position) => Tree.SyntaxTree.GetLineSpan(new(position, 0)).StartLinePosition.Line + 1;
}
