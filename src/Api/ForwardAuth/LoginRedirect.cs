using SessionCluster.Api.Site;

namespace SessionCluster.Api.ForwardAuth;

/// <summary>
/// Builds the URL of the login with <c>next</c>, the way back. The original request's headers may be forged, so the way back
/// follows the same rule as every <c>next</c>; where it does not, there is none.
/// </summary>
internal static class LoginRedirect
{
    /// <summary>The login's URL for a refused request.</summary>
    public static string Url(PublicSite site, OriginalRequest original)
    {
        var login = site.Options.LoginUrl;
        if (Next(site, login, original) is not { } next)
        {
            return login;
        }

        var separator = login.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return $"{login}{separator}next={Uri.EscapeDataString(next)}";
    }

    private static string? Next(PublicSite site, string login, OriginalRequest original)
    {
        if (original.Uri is not { } path || !RedirectRule.IsPath(path))
        {
            return null;
        }

        // A login on the application's own host: the path leads back.
        if (RedirectRule.IsPath(login))
        {
            return path;
        }

        var url = $"{original.Scheme}://{original.Host}{path}";
        if (site.Redirects.Allows(url))
        {
            return url;
        }

        var sameOrigin = Uri.TryCreate(url, UriKind.Absolute, out var parsed)
            && parsed.GetLeftPart(UriPartial.Authority) == new Uri(login).GetLeftPart(UriPartial.Authority);
        return sameOrigin ? path : null;
    }
}
