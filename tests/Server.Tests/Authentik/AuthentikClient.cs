using System.Diagnostics;

namespace SessionCluster.Server.Tests.Authentik;

/// <summary>authentik's published client, installed by npm in the folder <c>authentik-client</c> of this project.</summary>
internal static class AuthentikClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string? Folder = FindFolder();

    /// <summary>Why the client cannot be run here; null when it can.</summary>
    public static string? WhyNot { get; } =
        Folder is null ? "authentik's client is not installed: run `npm ci` in tests/Server.Tests/Authentik/authentik-client."
        : !HasNode() ? "Node.js is not installed."
        : null;

    /// <summary>Runs a scenario; its exit code and what it wrote.</summary>
    public static async Task<(int ExitCode, string Output)> Run(string scenario, Uri url, string key)
    {
        using var process = Process.Start(new ProcessStartInfo("node", ["scenarios.mjs", scenario, url.ToString(), key])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw;
        }

        return (process.ExitCode, await output + await errors);
    }

    private static string? FindFolder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "SessionCluster.sln")))
            {
                var folder = Path.Combine(at.FullName, "tests", "Server.Tests", "Authentik", "authentik-client");
                return Directory.Exists(Path.Combine(folder, "node_modules", "@goauthentik", "api")) ? folder : null;
            }
        }

        return null;
    }

    private static bool HasNode() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, "node")) || File.Exists(Path.Combine(folder, "node.exe")));
}

/// <summary>A table that is skipped, with the reason, where authentik's client cannot be run.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClientTheoryAttribute : TheoryAttribute
{
    public ClientTheoryAttribute() => Skip = AuthentikClient.WhyNot;
}

/// <summary>A fact that is skipped, with the reason, where authentik's client cannot be run.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClientFactAttribute : FactAttribute
{
    public ClientFactAttribute() => Skip = AuthentikClient.WhyNot;
}
