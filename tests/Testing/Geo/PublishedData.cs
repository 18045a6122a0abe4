using System.Diagnostics;

namespace SessionCluster.Testing.Geo;

/// <summary>MaxMind's own test databases, beside the repository in <c>../shared/geo</c>, and the tool of libmaxminddb.</summary>
internal static class PublishedData
{
    public const string City = "GeoLite2-City-Test.mmdb";
    public const string Asn = "GeoLite2-ASN-Test.mmdb";

    public static string? Folder { get; } = FindFolder();

    public static string? Tool { get; } = FindTool();

    public static string File(string name) => Path.Combine(Folder!, name);

    /// <summary>Runs mmdblookup; its trimmed lines, without the blank ones. Empty where there is no record.</summary>
    public static List<string> Lookup(string file, string address)
    {
        using var process = Process.Start(new ProcessStartInfo(Tool!, ["--file", file, "--ip", address])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var lines = process.StandardOutput.ReadToEnd().Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToList();
        process.WaitForExit();
        return process.ExitCode is 0 || errors.Result.Contains("Could not find an entry", StringComparison.Ordinal)
            ? lines
            : throw new InvalidOperationException(errors.Result);
    }

    private static string? FindFolder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(at.FullName, "SessionCluster.sln")))
            {
                var folder = Path.GetFullPath(Path.Combine(at.FullName, "..", "shared", "geo"));
                return System.IO.File.Exists(Path.Combine(folder, City)) ? folder : null;
            }
        }

        return null;
    }

    private static string? FindTool() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, "mmdblookup"))
        .FirstOrDefault(System.IO.File.Exists);
}

/// <summary>A table that is skipped, with the reason, where MaxMind's test databases are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PublishedDataTheoryAttribute : TheoryAttribute
{
    public PublishedDataTheoryAttribute() =>
        Skip = PublishedData.Folder is null ? "MaxMind's test databases are not in ../shared/geo beside the repository." : null;
}

/// <summary>A table that is skipped, with the reason, where MaxMind's test databases or mmdblookup are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OracleTheoryAttribute : TheoryAttribute
{
    public OracleTheoryAttribute() =>
        Skip = PublishedData.Folder is null ? "MaxMind's test databases are not in ../shared/geo beside the repository."
            : PublishedData.Tool is null ? "mmdblookup (Debian package mmdb-bin) is not installed."
            : null;
}

/// <summary>A fact that is skipped, with the reason, where mmdblookup is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute() =>
        Skip = PublishedData.Tool is null ? "mmdblookup (Debian package mmdb-bin) is not installed." : null;
}
