using Microsoft.AspNetCore.WebUtilities;
using SessionCluster.Api.Site;

namespace SessionCluster.Api.ForwardAuth;

/// <summary>
/// Builds the URL of the login with <c>next</c>, the way back. The original request's headers may be forged, so the way back
/// follows the same rule as every <c>next</c>; where it does not, there is none.
/// </summary>
internal static class LoginRedirect
{
    private const string Parameter = "next";

    /// <summary>
    /// The login's URL for a refused request, and whether that request was for the login page itself: then the way back is the one that it
    /// carries already, so that it never grows.
    /// </summary>
    public static (string Url, bool IsOriginal) Url(PublicSite site, OriginalRequest original)
    {
        var login = site.Options.LoginUrl;
        var isOriginal = IsLogin(login, original);
        var next = isOriginal ? NextOf(original.Uri!, site.Redirects) : Next(site, login, original);
        if (next is null)
        {
            return (login, isOriginal);
        }

        var separator = login.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return ($"{login}{separator}{Parameter}={Uri.EscapeDataString(next)}", isOriginal);
    }

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
