using Microsoft.AspNetCore.WebUtilities;
using SessionCluster.Api.Site;

namespace SessionCluster.Api.ForwardAuth;

/// <summary>
/// Builds the URL of the login with <c>next</c>, the way back, and <c>reason</c>, why the session that the browser had has ended, so that the
/// login page can say it. The original request's headers may be forged, so the way back follows the same rule as every <c>next</c>; where it
/// does not, there is none.
/// </summary>
internal static class LoginRedirect
{
    private const string Parameter = "next";

    private const string ReasonParameter = "reason";

    /// <summary>
    /// The login's URL for a refused request, and whether that request was for the login page itself: then the way back is the one that it
    /// carries already, so that it never grows.
    /// </summary>
    /// <param name="site">The site.</param>
    /// <param name="original">The refused request.</param>
    /// <param name="reason">Why its session has ended; null when it had none of ours.</param>
    public static (string Url, bool IsOriginal) Url(PublicSite site, OriginalRequest original, string? reason)
    {
        var login = site.Options.LoginUrl;
        var isOriginal = IsLogin(login, original);
        var next = isOriginal ? NextOf(original.Uri!, site.Redirects) : Next(site, login, original);
        return (With(With(login, Parameter, next), ReasonParameter, reason), isOriginal);
    }

    private static string With(string url, string parameter, string? value) =>
        value is null ? url : $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{parameter}={Uri.EscapeDataString(value)}";

    private static bool IsLogin(string login, OriginalRequest original)
    {
        if (original.Uri is not { } path || !RedirectRule.IsPath(path))
        {
            return false;
        }

        var page = RedirectRule.IsPath(login) ? new Uri("http://host" + login) : new Uri(login);
        return string.Equals(WithoutQuery(path).TrimEnd('/'), page.AbsolutePath.TrimEnd('/'), StringComparison.OrdinalIgnoreCase)
            && (RedirectRule.IsPath(login) || string.Equals($"{original.Scheme}://{original.Host}", page.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase));
    }

    private static string WithoutQuery(string path) => path.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? path[..query] : path;

    private static string? NextOf(string path, RedirectRule rule) =>
        QueryHelpers.ParseQuery(path[WithoutQuery(path).Length..]).TryGetValue(Parameter, out var values) && values is [{ } next] && rule.Allows(next) ? next : null;

    private static string? Next(PublicSite site, string login, OriginalRequest original)
    {
        if (original.Uri is not { } path || !RedirectRule.IsPath(path))
        {
            return null;
        }

        // A login on the application's own host: the path leads back.
        if (RedirectRule.IsPath(login))
        {
            return site.Redirects.Allows(path) ? path : null;
        }

        var url = $"{original.Scheme}://{original.Host}{path}";
        if (site.Redirects.Allows(url))
        {
            return url;
        }

        var sameOrigin = Uri.TryCreate(url, UriKind.Absolute, out var parsed)
            && parsed.GetLeftPart(UriPartial.Authority) == new Uri(login).GetLeftPart(UriPartial.Authority);
        return sameOrigin && site.Redirects.Allows(path) ? path : null;
    }
}
