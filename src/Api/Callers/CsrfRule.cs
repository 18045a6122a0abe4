namespace SessionCluster.Api.Callers;

/// <summary>
/// Whether a request that a browser authenticated by itself, with its cookie, comes from our own pages: Sec-Fetch-Site says
/// same-origin or, in browsers without it, Origin is PublicUrl.
/// </summary>
internal sealed class CsrfRule(PublicSite site)
{
    /// <summary>Whether the request may go on.</summary>
    public bool Accepts(HttpRequest request)
    {
        if (IsSafe(request.Method))
        {
            return true;
        }

        return Noted(request, request.Headers["Sec-Fetch-Site"].Count > 0
            ? IsSameOrigin(request)
            : string.Equals(request.Headers.Origin, site.Origin, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether the browser says that a page of this very origin made the request.</summary>
    public static bool IsSameOrigin(HttpRequest request) => request.Headers["Sec-Fetch-Site"] is ["same-origin"];

    /// <summary>
    /// Whether the browser has opened this server at a URL that is not <c>PublicUrl</c>, as a rule because that is not set: then what its own pages
    /// send is refused where browsers send no Sec-Fetch-Site, as to an address with http.
    /// </summary>
    public bool IsAtOtherUrl(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].Count == 0
        && request.Headers.Origin.ToString() is var origin
        && string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
        && !string.Equals(origin, site.Origin, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether an answer to a plan may go on. It logs in, also by GET, and must not do so because another site said so: a plan from
    /// our cookie wants our own pages; one in the URL may come from anywhere but another site's page or a link in a mail. Both want a script: a
    /// browser that is sent from page to page arrives as if from the last of them, and one that loads an image as if from the page that shows it.
    /// </summary>
    public bool AcceptsPlan(HttpRequest request, bool fromCookie)
    {
        var fetchSite = request.Headers["Sec-Fetch-Site"].ToString();
        var isFromHere = fromCookie ? fetchSite is "" or "same-origin" : fetchSite is not ("cross-site" or "none");
        return (!fromCookie || Accepts(request)) && Noted(request, isFromHere && Navigation.MayBeScript(request));
    }

    /// <summary>Whether the page of a plan may be answered: not as an image or another part of a page, whose address somebody else may have chosen.</summary>
    public bool AcceptsOpening(HttpRequest request) => Noted(request, Navigation.MayBePage(request));

    private bool Noted(HttpRequest request, bool isAccepted)
    {
        if (!isAccepted)
        {
            RefusalLog.Note(
                request.HttpContext, RefusalLog.Csrf, hint: IsAtOtherUrl(request) ? $" The server was opened at another URL than PublicUrl, {site.Origin}: set PublicUrl to the URL that browsers use." : "");
        }

        return isAccepted;
    }

    private static bool IsSafe(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
}
