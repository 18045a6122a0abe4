using System.Text.RegularExpressions;

namespace SessionCluster.Api.UserAgents;

/// <summary>
/// Reads User-Agent headers with the patterns of uap-core (<c>uap-core.json</c>), as authentik does. A text takes up to a
/// millisecond, a hostile one 30, so answers are kept in a fixed number of slots. Safe for concurrent use.
/// </summary>
public static class UserAgentParser
{
    /// <summary>How much of a text is read, in UTF-16 code units; the rest is ignored.</summary>
    public const int MaxLength = 2048;

    private const int Slots = 4096;

    private static readonly Dictionary<string, Pattern[]> Patterns = ReadPatterns();

    // A slot is replaced whole; string hashes are seeded per process, so nobody can aim at one slot.
    private static readonly ParsedUserAgent?[] Kept = new ParsedUserAgent?[Slots];

    /// <summary>Reads a header; null counts as empty.</summary>
    public static ParsedUserAgent Parse(string? text)
    {
        text ??= "";
        ref var slot = ref Kept[(uint)text.GetHashCode(StringComparison.Ordinal) % Slots];
        var kept = Volatile.Read(ref slot);
        if (kept is null || !string.Equals(kept.Text, text, StringComparison.Ordinal))
        {
            kept = Read(text);
            Volatile.Write(ref slot, kept);
        }

        return kept;
    }

    private static ParsedUserAgent Read(string text)
    {
        var scan = text.Length > MaxLength ? text[..MaxLength] : text;
        var (browser, os, device) = (First("user_agent_parsers", scan), First("os_parsers", scan), First("device_parsers", scan));
        return new ParsedUserAgent(
            new DevicePart(device.Part("brand_replacement"), device.Part("device_replacement", 1) ?? ParsedUserAgent.Other, device.Part("model_replacement", 1)),
            new OsPart(
                os.Part("os_replacement", 1) ?? ParsedUserAgent.Other,
                os.Part("os_v1_replacement", 2),
                os.Part("os_v2_replacement", 3),
                os.Part("os_v3_replacement", 4),
                os.Part("os_v4_replacement", 5)),
            new BrowserPart(
                browser.Part("family_replacement", 1) ?? ParsedUserAgent.Other,
                browser.Part("v1_replacement", 2) ?? "",
                browser.Part("v2_replacement", 3) ?? "",
                browser.Part("v3_replacement", 4) ?? ""),
            text);
    }

    private static Reading First(string kind, string text)
    {
        foreach (var pattern in Patterns[kind])
        {
            if (pattern.Regex.Match(text) is { Success: true } match)
            {
                return new Reading(match, pattern.Replacements);
            }
        }

        return new Reading(Match.Empty, []);
    }

    private static Dictionary<string, Pattern[]> ReadPatterns() =>
        JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string>[]>>(Embedded.Bytes("SessionCluster.Api.UserAgents.uap-core.json"))!
            .ToDictionary(kind => kind.Key, kind => kind.Value.Select(Compile).ToArray());

    private static Pattern Compile(Dictionary<string, string> entry)
    {
        var flags = entry.ContainsKey("regex_flag") ? RegexOptions.IgnoreCase : RegexOptions.None;
        return new Pattern(new Regex(entry["regex"], RegexOptions.CultureInvariant | flags), entry);
    }

    private readonly record struct Pattern(Regex Regex, Dictionary<string, string> Replacements);

    private readonly record struct Reading(Match Match, Dictionary<string, string> Replacements)
    {
        /// <summary>A replacement, with <c>$1</c> to <c>$9</c> filled in, or else what the group matched; null when that is nothing.</summary>
        public string? Part(string replacement, int group = -1)
        {
            var match = Match;
            var text = Replacements.TryGetValue(replacement, out var pattern)
                ? Regex.Replace(pattern, @"\$(\d)", place => match.Groups[place.ValueSpan[1] - '0'].Value).Trim()
                : match.Groups[group].Value;
            return text.Length == 0 ? null : text;
        }
    }
}
