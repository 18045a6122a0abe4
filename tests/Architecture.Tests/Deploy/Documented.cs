using System.Text.RegularExpressions;

namespace SessionCluster.Architecture.Tests.Deploy;

/// <summary>What the pages in docs name.</summary>
internal static partial class Documented
{
    private static readonly string[] OfHistograms = ["_bucket", "_count", "_sum"];

    private static readonly Lazy<HashSet<string>> Names = new(() => [.. CodeWords(Repository.Read("docs/metrics.md"))]);

    private static readonly Lazy<HashSet<string>> Words = new(() => [.. CodeWords(Repository.Read("docs/settings.md"))]);

    /// <summary>Whether a metric, or the histogram that it is a part of, is in docs/metrics.md.</summary>
    public static bool IsMetric(string name) =>
        Names.Value.Contains(name) || OfHistograms.Any(end => name.EndsWith(end, StringComparison.Ordinal) && Names.Value.Contains(name[..^end.Length]));

    /// <summary>Whether a setting, named as its environment variable, is in docs/settings.md.</summary>
    public static bool IsSetting(string variable) => Words.Value.Contains(Index().Replace(variable.Replace("__", ":", StringComparison.Ordinal), ":N"));

    private static IEnumerable<string> CodeWords(string page) => CodeWord().Matches(page).Select(match => match.Groups[1].Value);

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeWord();

    [GeneratedRegex(@":\d+(?=:|$)")]
    private static partial Regex Index();
}
