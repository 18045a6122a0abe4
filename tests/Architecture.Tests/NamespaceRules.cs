using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SessionCluster.Architecture.Tests;

/// <summary>A file's namespace is its project's and the folders below that.</summary>
internal static class NamespaceRules
{
    /// <summary>Folders of one namespace with the one above them: each holds one side of what that describes. There are to be no more of them.</summary>
    private static readonly string[] OneWithTheFolderAbove = ["src/Silo/Storage/PostgreSql", "src/Silo/Storage/Sqlite"];

    /// <summary>What apps call to register our libraries is in .NET's own namespace, where they find it without a using.</summary>
    private static readonly string[] Registrations =
        ["src/Client/SessionClusterClientServices.cs", "src/AspNetCore/SessionClusterServices.cs", "src/Client.Testing/InMemoryServices.cs"];

    /// <summary>Finds a namespace that is another.</summary>
    /// <param name="file">The file.</param>
    /// <param name="project">The folder of its project, and the namespace there.</param>
    public static IEnumerable<string> FollowFolders(SourceFile file, (string Folder, string Namespace) project)
    {
        var folder = Path.GetDirectoryName(file.Path)!.Replace('\\', '/');
        folder = OneWithTheFolderAbove.Contains(folder) ? folder[..folder.LastIndexOf('/')] : folder;
        if (Registrations.Contains(file.Path))
        {
            yield break;
        }

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
