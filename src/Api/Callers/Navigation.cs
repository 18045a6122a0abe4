namespace SessionCluster.Api.Callers;

/// <summary>Whether a request is a browser's navigation, which alone may be answered with a redirect.</summary>
internal static class Navigation
{
    public static bool Is(HttpRequest request)
    {
        var mode = request.Headers["Sec-Fetch-Mode"];
        return mode.Count > 0
            ? mode == "navigate"
            : request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }
}
