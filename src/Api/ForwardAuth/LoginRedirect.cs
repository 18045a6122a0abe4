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
    /// The login's URL for a refused request; null for one of the login page itself, when the proxy asks about that, too: sent from there to
    /// there, a browser would go round for ever.
    /// </summary>
    /// <param name="reason">Why its session has ended; null when it had none of ours.</param>
    public static string? Url(PublicSite site, OriginalRequest original, string? reason)
    {
        var login = site.Options.LoginUrl;
        return IsLogin(login, original) ? null : With(With(login, Parameter, Next(site, login, original)), ReasonParameter, reason);
    }

    /// <summary>The URL with one more parameter; as it is where there is no value.</summary>
    public static string With(string url, string parameter, string? value) =>
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
