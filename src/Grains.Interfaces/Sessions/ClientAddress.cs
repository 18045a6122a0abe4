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

    /// <summary>The bits that all IPv4-mapped IPv6 addresses begin with.</summary>
    private const int MappedBits = 96;

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

        if (IPAddress.TryParse(text, out var parsed) && (IsQuad(text, parsed) || IsPlainIPv6(text)))
        {
            address = Fold(parsed);
        }

        return address is not null;
    }

    /// <summary>The address without its zone, IPv4-mapped IPv6 folded to IPv4.</summary>
    public static IPAddress Fold(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes())
        : address;

    /// <summary>The network, one of IPv4-mapped IPv6 addresses folded to IPv4, as the addresses are that it is compared with.</summary>
    public static IPNetwork Fold(IPNetwork network) => network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedBits
        ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedBits)
        : network;

    /// <summary>The canonical text of an address that <see cref="TryParse"/> reads; null for any other text.</summary>
    public static string? CanonicalOf(string text) => TryParse(text, out var address) ? Canonical(address) : null;

    /// <summary>The canonical text of an address.</summary>
    public static string Canonical(IPAddress address) => Fold(address).ToString();

    /// <summary>Whether the text is the one of an IPv4 address: the platform reads others, too, but writes this one.</summary>
    private static bool IsQuad(string text, IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork && text == address.ToString();

    /// <summary>Whether the text is groups of at most four hexadecimal digits, of which the last may be an IPv4 address: no zone, no brackets.</summary>
    private static bool IsPlainIPv6(string text) =>
        text.Split(':') is [.. { Length: > 0 } groups, var last] && groups.All(IsGroup)
        && (IsGroup(last) || (IPAddress.TryParse(last, out var quad) && IsQuad(last, quad)));

    private static bool IsGroup(string text) => text.Length <= 4 && text.All(char.IsAsciiHexDigit);
}
