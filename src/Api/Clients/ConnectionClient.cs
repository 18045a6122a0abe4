using Microsoft.AspNetCore.WebUtilities;

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

    public ClientFacts Facts(HttpContext context) => Facts(context, context.Request.Method, context.Request.Path.Value ?? "/", context.TraceIdentifier);

    /// <summary>The facts of a use of a session: those of this request without its id, which only a login's event tells.</summary>
    public ClientFacts FactsOfUse(HttpContext context) =>
        Facts(context, context.Request.Method, context.Request.Path.Value ?? "/", requestId: "");

    /// <summary>The facts of a request whose method and target, the path with its query, a proxy told.</summary>
    public ClientFacts FactsOfTold(HttpContext context, string method, string target) =>
        Facts(context, method, target, context.TraceIdentifier) with { ArgsJson = Arguments(target) };

    private ClientFacts Facts(HttpContext context, string method, string path, string requestId) => new(
        ClientAddress.Canonical(Address(context)),
        Cut(context.Request.Headers.UserAgent.ToString(), ClientFields.MaxUserAgent),
        Cut(method, ClientFields.MaxMethod),
        Cut(ClientFields.WithoutQuery(path), ClientFields.MaxPath),
        context.Request.QueryString.HasValue ? SecretMask.Mask(context.Request.Query) : SecretMask.Empty,
        requestId);

    private static string Arguments(string target)
    {
        var end = target.IndexOf('#', StringComparison.Ordinal);
        var (query, whole) = (target.IndexOf('?', StringComparison.Ordinal), end < 0 ? target.Length : end);
        return query < 0 || query > whole ? SecretMask.Empty : SecretMask.Mask(new QueryCollection(QueryHelpers.ParseQuery(target[query..whole].Replace("%00", "%EF%BF%BD", StringComparison.Ordinal))));
    }

    // A connection without an address came over a socket of this machine.
    private static IPAddress Peer(HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.Loopback;

    // Never between the halves of a surrogate pair.
    internal static string Cut(string text, int length) =>
        text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    [LoggerMessage(
        3121, LogLevel.Warning,
        "A request from {Address} has X-Forwarded-For or Forwarded, which do not count: Proxies:Trusted does not name that address. If it is your proxy, all its clients seem to "
        + "come from there: set Proxies:Trusted:0 to it. This is said once.")]
    private partial void NotTrusted(string address);
}

/// <summary>Reads the <c>client</c> object of a service's request: whom the service acts for.</summary>
internal static class ClientFields
{
    /// <summary>Longest user agent in characters; a longer header is cut, a longer field refused.</summary>
    public const int MaxUserAgent = 2048;

    /// <summary>Longest method; a longer one is cut.</summary>
    public const int MaxMethod = 32;

    /// <summary>Longest path; a longer one is cut: whatever URL a browser asks for, its session can be checked.</summary>
    public const int MaxPath = 2048;

    private const int MaxAddress = 64;

    /// <summary>Reads the facts; null, with its faults noted, when they are not usable.</summary>
    public static ClientFacts? Read(ObjectReader body, HttpContext context)
    {
        if (body.OptionalObject("client") is not { } client)
        {
            body.Fault("client", ObjectReader.Required);
            return null;
        }

        return ReadMembers(client, context);
    }

    public static ClientFacts? ReadMembers(ObjectReader client, HttpContext context)
    {
        var ip = ReadIp(client);
        var userAgent = client.OptionalText("user_agent", MaxUserAgent) ?? "";
        var method = ConnectionClient.Cut(client.OptionalText("method", int.MaxValue) ?? "", MaxMethod);
        var path = ConnectionClient.Cut(WithoutQuery(client.OptionalText("path", int.MaxValue) ?? ""), MaxPath);
        var args = client.OptionalObject("args") is { } given ? SecretMask.Mask(given.Element) : "{}";
        return ip is null ? null : new ClientFacts(ip, userAgent, method, path, args, context.TraceIdentifier);
    }

    /// <summary>A path without its query and fragment.</summary>
    public static string WithoutQuery(string path)
    {
        var end = path.AsSpan().IndexOfAny('?', '#');
        return end < 0 ? path : path[..end];
    }

    private static string? ReadIp(ObjectReader client)
    {
        var text = client.OptionalText("ip", MaxAddress);
        var address = text is null ? null : ClientAddress.CanonicalOf(text);
        if (!client.TryFind("ip", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            client.Fault("ip", ObjectReader.Required);
        }
        else if (text is not null && address is null)
        {
            client.Fault("ip", "Must be an IPv4 or IPv6 address.");
        }

        return address;
    }
}
