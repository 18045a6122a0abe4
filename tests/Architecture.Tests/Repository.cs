using System.Diagnostics;
using System.Reflection;
using System.Xml.Linq;

namespace SessionCluster.Architecture.Tests;

/// <summary>The files of this repository, with paths relative to its root.</summary>
internal static class Repository
{
    private static readonly string[] BinaryEndings = [".png", ".ico", ".mmdb", ".db", ".gz", ".zip", ".woff2"];

    public static string Root { get; } = Path.GetFullPath(
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Root").Value!);

    /// <summary>All files that git tracks or would track.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    /// <summary>All of <see cref="Files"/> that are text.</summary>
    public static IEnumerable<string> TextFiles =>
        Files.Where(f => !BinaryEndings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase));

    /// <summary>The C# files of src, tests and bench, parsed.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } =
        [.. Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal) && IsCode(f)).Select(f => SourceFile.Parse(f, Read(f)))];

    public static bool IsCode(string file) =>
        file.StartsWith("src/", StringComparison.Ordinal)
        || file.StartsWith("tests/", StringComparison.Ordinal)
        || file.StartsWith("bench/", StringComparison.Ordinal);

    /// <summary>The folder of the project that a source file belongs to, and the namespace there.</summary>
    public static (string Folder, string Namespace) RootNamespace(string file)
    {
        var project = Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal))
            .Single(f => file.StartsWith(f[..(f.LastIndexOf('/') + 1)], StringComparison.Ordinal));
        var named = XDocument.Parse(Read(project)).Descendants("RootNamespace").SingleOrDefault()?.Value;
        // tests/Directory.Build.props names all others there.
        return (project[..project.LastIndexOf('/')], named ?? $"SessionCluster.{Path.GetFileNameWithoutExtension(project)}");
    }

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string[] ListFiles()
    {
        if (!Path.Exists(Path.Combine(Root, ".git")))
        {
            // An unpacked archive: everything in it but what builds and runs leave.
            string[] left = ["artifacts", "bin", "obj", "data", "node_modules", "TestResults"];
            return [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
                .Where(f => !f.Split('/').Intersect(left).Any())];
        }

        var start = new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start)!;
        var files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [.. files.Where(f => File.Exists(Path.Combine(Root, f)))];
    }
}
