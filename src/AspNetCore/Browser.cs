using System.Net;
using Microsoft.Net.Http.Headers;

namespace SessionCluster.AspNetCore;

/// <summary>What a request says of its browser.</summary>
internal static class Browser
{
    private static readonly string[] Secrets = ["token", "password", "secret", "key", "code"];

    /// <summary>Most characters that the server takes of a path or a user agent.</summary>
    private const int MaxText = 2048;

    private const int MaxMethod = 32;

    /// <summary>What Blazor's enhanced navigation accepts when it fetches a page, exactly. It follows a redirect and shows that page.</summary>
    private const string BlazorNavigation = "text/html; blazor-enhanced-nav=on";

    /// <summary>
    /// Where the request comes from: the connection, after the app's own ForwardedHeaders. What may be secret stays here, and what the server
    /// would refuse is cut: a request is not to fail by what it looks like.
    /// </summary>
    public static ClientFacts Facts(HttpContext context)
    {
        // A connection without an address came over a socket of this machine, or is a test server's.
        var address = context.Connection.RemoteIpAddress ?? IPAddress.Loopback;
        var request = context.Request;
        return new ClientFacts(Address(address))
        {
            UserAgent = Cut(request.Headers.UserAgent.ToString(), MaxText),
            Method = Cut(request.Method, MaxMethod),
            Path = Cut(request.PathBase.Add(request.Path).Value ?? "", MaxText),
            Args = request.QueryString.HasValue ? Args(request.Query) : null,
        };
    }

    /// <summary>Without its scope, which is of this machine alone.</summary>
    private static string Address(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()).ToString() : address.ToString();

    private static Dictionary<string, string>? Args(IQueryCollection query)
    {
        var args = query
            .Where(parameter => !Secrets.Any(word => parameter.Key.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .DistinctBy(parameter => Cut(parameter.Key, MaxText))
            .ToDictionary(parameter => Cut(parameter.Key, MaxText), parameter => Cut(WithoutQuery(parameter.Value.ToString()), MaxText));
        return args.Count == 0 ? null : args;
    }

    /// <summary>A value may be an address, as that of the page after a login: what may be secret in its own query stays here, too.</summary>
    private static string WithoutQuery(string value) => value.AsSpan().IndexOfAny('?', '#') is >= 0 and var end ? value[..end] : value;

    private static string Cut(string text, int length) => (text.Length > length ? text[..length] : text).Replace("\0", "", StringComparison.Ordinal);

    /// <summary>Whether a person waits for a page, and not a script for an answer.</summary>
    public static bool IsNavigation(HttpRequest request) => request.Headers["Sec-Fetch-Mode"] is [{ } mode, ..]
        ? mode == "navigate" || request.Headers.Accept is [BlazorNavigation]
        : request.GetTypedHeaders().Accept.Any(accept => accept.MatchesMediaType("text/html") && accept.MediaType != "*/*");

    /// <summary>Whether the app's own page made the request: so no other site can use the cookie that the browser sends along.</summary>
    public static bool IsSameOrigin(HttpRequest request) => request.Headers["Sec-Fetch-Site"] is [{ } site, ..]
        ? site == "same-origin"
        : request.Headers[HeaderNames.Origin] is [{ } origin, ..] && string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
}
