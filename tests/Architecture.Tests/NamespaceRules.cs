using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SessionCluster.Architecture.Tests;

/// <summary>A file's namespace is its project's and the folders below that.</summary>
internal static class NamespaceRules
{
    /// <summary>Folders of one namespace with the one above them: each holds one side of what that describes. There are to be no more of them.</summary>
    private static readonly string[] OneWithTheFolderAbove = ["src/Silo/Storage/PostgreSql", "src/Silo/Storage/Sqlite"];

    /// <summary>Finds a namespace that is another.</summary>
    /// <param name="file">The file.</param>
    /// <param name="project">The folder of its project, and the namespace there.</param>
    public static IEnumerable<string> FollowFolders(SourceFile file, (string Folder, string Namespace) project)
    {
        var folder = Path.GetDirectoryName(file.Path)!.Replace('\\', '/');
        folder = OneWithTheFolderAbove.Contains(folder) ? folder[..folder.LastIndexOf('/')] : folder;
        var expected = project.Namespace + folder[project.Folder.Length..].Replace('/', '.');
        foreach (var declared in file.Tree.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
        {
            if (declared.Name.ToString() != expected || declared is not FileScopedNamespaceDeclarationSyntax)
            {
                yield return file.At(declared, $"is in the namespace {declared.Name}. Write: namespace {expected};");
            }
        }
    }
}
