using System.Diagnostics;

namespace SessionCluster.Architecture.Tests.Deploy;

/// <summary>A checker of the distribution. A test that needs one that is not there says that it is skipped.</summary>
internal static class Tool
{
    /// <summary>Why a tool cannot be used; null when it can.</summary>
    public static string? WhyNot(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)))
            ? null
            : $"{tool} is not installed.";

    /// <summary>Runs it in the repository; its exit code and all that it said.</summary>
    public static (int ExitCode, string Said) Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }
}

/// <summary>A fact that is skipped, with the reason, where a tool is not installed.</summary>
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(string tool) => Skip = Tool.WhyNot(tool);
}
