using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace SessionCluster.Sessions;

/// <summary>
/// Client addresses and their one canonical text, by which they are compared, stored and listed: IPv4 as a dotted quad, IPv6 in its
/// short lower-case form without zone, IPv4-mapped IPv6 as IPv4 (docs/login-stage.md).
/// </summary>
public static class ClientAddress
{
    /// <summary>The longest text of an address: eight groups, the last two as a dotted quad.</summary>
    public const int MaxLength = 45;

    /// <summary>
    /// Reads an address from input. IPv4 is four decimal numbers without leading zeros; IPv6 has neither zone nor brackets. White
    /// space, ports, prefixes and the short, octal and hexadecimal forms of IPv4 are refused.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address, IPv4-mapped IPv6 folded to IPv4.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text is not { Length: > 0 and <= MaxLength })
        {
            return false;
        }

        var isIPv6 = text.Contains(':', StringComparison.Ordinal);
        var isPlain = isIPv6 ? IsPlainIPv6(text) : IsQuad(text);
        address = isPlain && IPAddress.TryParse(text, out var parsed) ? Fold(parsed) : null;
        return address is not null;
    }

    /// <summary>The address without its zone, IPv4-mapped IPv6 folded to IPv4.</summary>
    public static IPAddress Fold(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        return address.ScopeId == 0 ? address : new IPAddress(address.GetAddressBytes());
    }

    /// <summary>The canonical text of an address that <see cref="TryParse"/> reads; null for any other text.</summary>
    public static string? CanonicalOf(string text) => TryParse(text, out var address) ? Canonical(address) : null;

    /// <summary>The canonical text of an address.</summary>
    public static string Canonical(IPAddress address) => Fold(address).ToString();

    /// <summary>Whether the text is the one of an IPv4 address: the platform reads others, too, but writes this one.</summary>
    private static bool IsQuad(ReadOnlySpan<char> text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && text.SequenceEqual(address.ToString());

    /// <summary>Whether the text has the characters of an IPv6 address only, groups of at most four digits, and a strict quad if any.</summary>
    private static bool IsPlainIPv6(ReadOnlySpan<char> text)
    {
        var digits = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == ':')
            {
                digits = 0;
            }
            else if (text[at] == '.')
            {
                return IsQuad(text[(at - digits)..]);
            }
            else if (!char.IsAsciiHexDigit(text[at]) || ++digits > 4)
            {
                return false;
            }
        }

        return true;
    }
}
