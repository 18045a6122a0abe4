using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SessionCluster.Architecture.Tests;

/// <summary>A file's namespace is its project's and the folders below that.</summary>
internal static class NamespaceRules
{
    /// <summary>Finds a namespace that is another.</summary>
    /// <param name="file">The file.</param>
    /// <param name="project">The folder of its project, and the namespace there.</param>
    public static IEnumerable<string> FollowFolders(SourceFile file, (string Folder, string Namespace) project)
    {
        var folders = file.Path[(project.Folder.Length + 1)..].Split('/').SkipLast(1);
        var expected = string.Join('.', folders.Prepend(project.Namespace));
        foreach (var declared in file.Tree.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
        {
            if (declared.Name.ToString() != expected || declared is not FileScopedNamespaceDeclarationSyntax)
            {
                yield return file.At(declared, $"is in the namespace {declared.Name}. Write: namespace {expected};");
            }
        }
    }
}
