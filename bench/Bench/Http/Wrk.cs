using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Http;

/// <summary>The load generator wrk, as Debian packs it. Both sides of a comparison are asked the same requests by the same script.</summary>
internal static partial class Wrk
{
    private const int Connections = 32;

    /// <summary>What to do where it is not installed.</summary>
    public static string? Missing { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "wrk")))
            ? null
            : "wrk is not installed (Debian: apt-get install wrk)";

    /// <summary>Asks for so long.</summary>
    /// <param name="server">The server.</param>
    /// <param name="path">The path that is asked for.</param>
    /// <param name="requests">The file of requests; replay.lua says what stands in it.</param>
    /// <param name="length">How long.</param>
    /// <param name="header">A header that all requests carry.</param>
    /// <exception cref="InvalidOperationException">Some answers were no 200, or there was none.</exception>
    public static async Task<Sample> Ask(Uri server, string path, string requests, TimeSpan length, (string Name, string Value) header)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Http", "replay.lua");
        var seconds = Math.Max(1, (int)length.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        string[] arguments =
        [
            "-t1", $"-c{Connections}", $"-d{seconds}s", "--latency", "-s", script, server.ToString(), "--",
            path, requests, header.Name, header.Value,
        ];
        using var process = Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var rate = RatePattern().Match(text);
        var p99 = P99Pattern().Match(text);
        return rate.Success && p99.Success && !text.Contains("Non-2xx", StringComparison.Ordinal) && !text.Contains("Socket errors", StringComparison.Ordinal)
            ? new Sample(Parse(rate.Groups[1].Value), Parse(p99.Groups[1].Value) * Unit(p99.Groups[2].Value))
            : throw new InvalidOperationException($"wrk on {path}:\n{text}");
    }

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static double Unit(string unit) => unit switch
    {
        "us" => 1,
        "ms" => 1000,
        _ => 1_000_000,
    };

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex RatePattern();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s)")]
    private static partial Regex P99Pattern();
}
