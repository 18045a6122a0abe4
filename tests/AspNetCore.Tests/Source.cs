using System.Diagnostics;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>The folder of the sources, and commands run there or elsewhere.</summary>
internal static class Source
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static string Folder { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    public static string In(string path) => Path.Combine(Folder, path);

    /// <summary>Runs a command to its end; its output. It must succeed.</summary>
    public static async Task<string> Run(string folder, string command, params string[] arguments)
    {
        using var process = Start(folder, command, [], arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Patience);
        var text = await output + await errors;
        Assert.True(process.ExitCode == 0, text);
        return text;
    }

    /// <summary>Starts a program that goes on.</summary>
    public static Process Start(string folder, string command, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static string Find(DirectoryInfo? at) =>
        at is null ? throw new DirectoryNotFoundException("The sources are not above the tests.") : File.Exists(Path.Combine(at.FullName, "SessionCluster.sln")) ? at.FullName : Find(at.Parent);
}
