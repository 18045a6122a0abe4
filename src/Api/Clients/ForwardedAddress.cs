using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Primitives;

namespace SessionCluster.Api.Clients;

/// <summary>
/// Finds the client behind trusted proxies. Each proxy appends the address it was called from, so the list is read from the
/// right, and only as far as trusted proxies wrote it: what stands further left anyone may have sent.
/// </summary>
internal static class ForwardedAddress
{
    /// <summary>
    /// The right-most address that is not a trusted proxy's. <c>X-Forwarded-For</c> counts where it is present, else <c>Forwarded</c>
    /// (RFC 7239). An entry that is not an address ends the walk: the client is then the last proxy that could be read.
    /// </summary>
    public static IPAddress Find(IPAddress peer, IHeaderDictionary headers, TrustedProxies proxies)
    {
        if (proxies.IsEmpty || !proxies.Contains(peer))
        {
            return peer;
        }

        var list = headers["X-Forwarded-For"];
        return list.Count > 0 ? Walk(peer, Entries(list), proxies, ReadPlain) : Walk(peer, Entries(headers["Forwarded"]), proxies, ReadForwarded);
    }

    /// <summary>Reads one hop: an address, with or without a port; IPv6 in brackets or bare.</summary>
    public static bool TryReadHop(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        var hop = text.Trim();
        address = null;
        if (hop.StartsWith('['))
        {
            var end = hop.IndexOf(']', StringComparison.Ordinal);
            return end > 0 && IsPort(hop[(end + 1)..]) && ClientAddress.TryParse(hop[1..end], out address);
        }

        var colon = hop.IndexOf(':', StringComparison.Ordinal);
        var onlyColon = colon >= 0 && hop.IndexOf(':', colon + 1) < 0;
        return onlyColon ? IsPort(hop[colon..]) && ClientAddress.TryParse(hop[..colon], out address) : ClientAddress.TryParse(hop, out address);
    }

    private static IPAddress Walk(IPAddress peer, List<string> entries, TrustedProxies proxies, Func<string, string?> read)
    {
        var client = peer;
        for (var index = entries.Count - 1; index >= 0 && proxies.Contains(client); index--)
        {
            if (read(entries[index]) is not { } hop || !TryReadHop(hop, out var address))
            {
                break;
            }

            client = address;
        }

        return client;
    }

    private static string ReadPlain(string entry) => entry;

    // One element of Forwarded: for=192.0.2.60;proto=http;by=..., values bare or quoted.
    private static string? ReadForwarded(string entry)
    {
        foreach (var pair in entry.Split(';'))
        {
            if (IsCutInQuotes(entry) || IsCutInQuotes(pair))
            {
                return null;
            }

            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && pair[..equals].Trim().Equals("for", StringComparison.OrdinalIgnoreCase))
            {
                var value = pair[(equals + 1)..].Trim();
                return value is ['"', .., '"'] ? value[1..^1] : value;
            }
        }

        return null;
    }

    private static bool IsCutInQuotes(string part) => part.Count(character => character == '"') % 2 != 0;

    // Several header lines are one list. An address holds neither comma nor semicolon, quoted or not, so plain splitting is right
    // for every entry that can be read, and the others, which quote one, end the walk.
    private static List<string> Entries(StringValues lines) => [.. lines.SelectMany(line => (line ?? "").Split(','))];

    private static bool IsPort(string text) =>
        text.Length == 0 || (text[0] == ':' && text.Length is > 1 and <= 6 && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0);
}
