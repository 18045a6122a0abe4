using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace SessionCluster.Api.Site;

/// <summary>The URL that browsers use, and what follows from it. A request never decides it.</summary>
internal sealed class PublicSite
{
    private readonly Lazy<Uri> _url;

    public PublicSite(IOptions<SiteOptions> options, IServer server)
    {
        Options = options.Value;
        // The listening URLs are known once the server has started; the first request comes later.
        _url = new Lazy<Uri>(() => Options.PublicUrl is { } configured ? new Uri(configured) : FirstListening(server));
        Redirects = new RedirectRule(Options.AllowedRedirects, () => Origin);
    }

    public SiteOptions Options { get; }

    public Uri Url => _url.Value;

    /// <summary>Its origin, in the form of the Origin header.</summary>
    public string Origin => field ??= Url.GetLeftPart(UriPartial.Authority);

    /// <summary>
    /// Where forms may lead, as a content security policy says it, that are followed by redirects of others: an identity provider, a login on
    /// another host. Browsers hold every one of these to the policy of the page with the form.
    /// </summary>
    public string FormTargets => IsSecure && !Options.AllowedRedirects.Append(Options.LoginUrl).Any(url => url.StartsWith("http:", StringComparison.OrdinalIgnoreCase))
        ? "'self' https:" : "'self' https: http:";

    /// <summary>Whether cookies are for https only.</summary>
    public bool IsSecure => Url.Scheme == Uri.UriSchemeHttps;

    /// <summary>Where a browser may be sent after a login.</summary>
    public RedirectRule Redirects { get; }

    private static Uri FirstListening(IServer server)
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost";
        // Wildcard hosts are addresses of no browser.
        foreach (var wildcard in (ReadOnlySpan<string>)["//*", "//+", "//0.0.0.0", "//[::]"])
        {
            address = address.Replace(wildcard, "//localhost", StringComparison.Ordinal);
        }

        return Uri.TryCreate(address, UriKind.Absolute, out var url) ? url : new Uri("http://localhost");
    }
}

/// <summary>
/// Where <c>next</c> may point: a path of this site, or a URL of an allowed origin. Not to where opening a URL can log in: a browser that our own
/// page sends there is trusted as one that comes from us, and the plan in the URL may be somebody else's.
/// </summary>
/// <param name="allowedOrigins">The origins beside this site's.</param>
/// <param name="ownOrigin">This site's origin, which is known once the server listens.</param>
internal sealed class RedirectRule(IEnumerable<string> allowedOrigins, Func<string> ownOrigin)
{
    /// <summary>Longest accepted text in characters.</summary>
    public const int MaxLength = 2048;

    /// <summary>How often a path may be encoded over; further ones are made up to be decoded at length.</summary>
    private const int MaxEncodings = 4;

    private readonly HashSet<string> _origins =
        allowedOrigins.Select(origin => new Uri(origin).GetLeftPart(UriPartial.Authority)).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a browser may be sent there.</summary>
    public bool Allows(string next) => IsPath(next) ? !MayLogIn(next) : IsAllowedUrl(next);

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
        && url.GetLeftPart(UriPartial.Authority) is var origin
        && _origins.Contains(origin)
        && !(string.Equals(origin, ownOrigin(), StringComparison.OrdinalIgnoreCase) && MayLogIn(PathOf(text)));

    private static string PathOf(string url)
    {
        var begin = url.IndexOfAny(['/', '?', '#'], url.IndexOf("//", StringComparison.Ordinal) + 2);
        return begin < 0 ? "" : url[begin..];
    }

    /// <summary>
    /// Whether a path is below <c>/api/</c> or <c>/if/flow/</c>, or could be to whatever reads it on its way: browsers and proxies differ in what
    /// they decode, merge and resolve. No browser sends dot segments, so that whoever writes one means no good.
    /// </summary>
    private static bool MayLogIn(string target)
    {
        var path = target[..(target.IndexOfAny(['?', '#']) is >= 0 and var end ? end : target.Length)];
        for (var round = 0; round <= MaxEncodings; round++)
        {
            var segments = path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries);
            if (segments.Any(segment => segment is "." or "..") || Begins(segments, "api") || Begins(segments, "if", "flow"))
            {
                return true;
            }

            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path)
            {
                return false;
            }

            path = decoded;
        }

        return true;
    }

    private static bool Begins(string[] segments, params ReadOnlySpan<string> names)
    {
        for (var index = 0; index < names.Length; index++)
        {
            if (index >= segments.Length || !string.Equals(segments[index], names[index], StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }
}
