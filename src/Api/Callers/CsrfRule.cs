using SessionCluster.Api.Site;

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

        var fetchSite = request.Headers["Sec-Fetch-Site"];
        return fetchSite.Count > 0
            ? fetchSite.Count == 1 && fetchSite[0] == "same-origin"
            : string.Equals(request.Headers.Origin, site.Origin, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsSafe(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
}
