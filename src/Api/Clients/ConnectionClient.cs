using System.Net;
using Microsoft.Extensions.Logging;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Clients;

/// <summary>The client facts of a request that comes from a browser itself, or through trusted proxies.</summary>
internal sealed partial class ConnectionClient(TrustedProxies proxies, ILogger<ConnectionClient> logger)
{
    private volatile bool _hasWarned;

    /// <summary>The client's address. Forwarding headers of anybody else than a trusted proxy do not count, of which the first is warned.</summary>
    public IPAddress Address(HttpContext context)
    {
        var (peer, headers) = (Peer(context), context.Request.Headers);
        if (!_hasWarned && (headers.ContainsKey("X-Forwarded-For") || headers.ContainsKey("Forwarded")) && !proxies.Contains(peer))
        {
            _hasWarned = true;
            NotTrusted(ClientAddress.Canonical(peer));
        }

        return ForwardedAddress.Find(peer, headers, proxies);
    }

    /// <summary>Whether the connection comes from a trusted proxy, so that what it says of the original request counts.</summary>
    public bool IsTrustedProxy(HttpContext context) => proxies.Contains(Peer(context));

    /// <summary>The facts of this very request.</summary>
    public ClientFacts Facts(HttpContext context) => Facts(context, context.Request.Method, context.Request.Path.Value ?? "/");

    /// <summary>The facts of a use of a session: those of this request without its id, which only a login's event tells.</summary>
    public ClientFacts FactsOfUse(HttpContext context) =>
        Facts(context, context.Request.Method, context.Request.Path.Value ?? "/", requestId: "");

    /// <summary>The facts of a request whose method and path a proxy told.</summary>
    public ClientFacts Facts(HttpContext context, string method, string path) => Facts(context, method, path, context.TraceIdentifier);

    private ClientFacts Facts(HttpContext context, string method, string path, string requestId) => new(
        ClientAddress.Canonical(Address(context)),
        Cut(context.Request.Headers.UserAgent.ToString(), ClientFields.MaxUserAgent),
        Cut(method, ClientFields.MaxMethod),
        Cut(ClientFields.WithoutQuery(path), ClientFields.MaxPath),
        context.Request.QueryString.HasValue ? SecretMask.Mask(context.Request.Query) : SecretMask.Empty,
        requestId);

    // A connection without an address came over a socket of this machine.
    private static IPAddress Peer(HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.Loopback;

    private static string Cut(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        // Never between the halves of a surrogate pair.
        return char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length];
    }

    [LoggerMessage(
        3121, LogLevel.Warning,
        "A request from {Address} has X-Forwarded-For or Forwarded, which do not count: Proxies:Trusted does not name that address. If it is your proxy, all its clients seem to "
        + "come from there: set Proxies:Trusted:0 to it. This is said once.")]
    private partial void NotTrusted(string address);
}
