using Microsoft.Extensions.Primitives;

namespace SessionCluster.Api.Callers;

/// <summary>
/// What a browser makes of the answer, by Sec-Fetch-Mode and Sec-Fetch-Dest or, where browsers do not send them, as to an address with http, by Accept.
/// </summary>
internal static class Navigation
{
    /// <summary>Whether a request is a browser's navigation, which alone may be answered with a redirect.</summary>
    public static bool Is(HttpRequest request)
    {
        var mode = request.Headers["Sec-Fetch-Mode"];
        return mode.Count > 0
            ? mode == "navigate"
            : request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Whether the answer may be a page, opened or read by a script, and not an image, a frame or another part of a page. A page that its site's
    /// service worker asks for comes with the destination "empty", and so do those that Blazor fetches, with the mode "no-cors".
    /// </summary>
    public static bool MayBePage(HttpRequest request)
    {
        var (mode, destination) = Fetch(request);
        return mode.Count + destination.Count > 0
            ? destination is ["document"] or ["empty"] || (destination is [] && mode is not ["no-cors"])
            : request.Headers.Accept.Count == 0 || Is(request);
    }

    /// <summary>Whether a script may have asked. What media are loaded with says no more of itself than a script does, but asks for a range.</summary>
    public static bool MayBeScript(HttpRequest request)
    {
        var (mode, destination) = Fetch(request);
        var accept = request.Headers.Accept.ToString();
        return mode.Count + destination.Count > 0
            ? mode is [] or ["cors"] or ["same-origin"] && destination is [] or ["empty"]
            : !Is(request) && request.Headers.Range.Count == 0
                && (accept.Length == 0 || accept.StartsWith("*/*", StringComparison.Ordinal) || accept.StartsWith("application/", StringComparison.OrdinalIgnoreCase));
    }

    private static (StringValues Mode, StringValues Destination) Fetch(HttpRequest request) => (request.Headers["Sec-Fetch-Mode"], request.Headers["Sec-Fetch-Dest"]);
}
