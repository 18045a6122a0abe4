namespace SessionCluster.Api.Site;

/// <summary>Where <c>next</c> may point: a path of this site, or a URL of an allowed origin.</summary>
internal sealed class RedirectRule(IEnumerable<string> allowedOrigins)
{
    /// <summary>Longest accepted text in characters.</summary>
    public const int MaxLength = 2048;

    private readonly HashSet<string> _origins =
        allowedOrigins.Select(origin => new Uri(origin).GetLeftPart(UriPartial.Authority)).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a browser may be sent there.</summary>
    public bool Allows(string next) => IsPath(next) || IsAllowedUrl(next);

    /// <summary>
    /// Whether the text is a path of this site: one slash, not followed by a slash or backslash (browsers read both as a host),
    /// and no control character or backslash anywhere (browsers drop or turn them).
    /// </summary>
    public static bool IsPath(string text) =>
        text.Length is > 0 and <= MaxLength
        && text[0] == '/'
        && (text.Length == 1 || text[1] != '/')
        && IsPlain(text);

    private static bool IsPlain(string text) => !text.Any(character => char.IsControl(character) || character == '\\');

    private bool IsAllowedUrl(string text) =>
        text.Length <= MaxLength
        && IsPlain(text)
        && (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        && Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.UserInfo.Length == 0
        && _origins.Contains(url.GetLeftPart(UriPartial.Authority));
}
