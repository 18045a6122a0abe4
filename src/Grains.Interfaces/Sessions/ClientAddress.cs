using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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

        if (!text.Contains(':', StringComparison.Ordinal))
        {
            return TryParseQuad(text, out address);
        }

        if (IsPlainIPv6(text) && IPAddress.TryParse(text, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6)
        {
            address = Fold(parsed);
            return true;
        }

        return false;
    }

    /// <summary>The address without its zone, IPv4-mapped IPv6 folded to IPv4.</summary>
    public static IPAddress Fold(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
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
    public static string? CanonicalOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // IPv4 has one accepted text, which is the canonical one.
        return TryReadQuad(text, stackalloc byte[4]) ? text : TryParse(text, out var address) ? Canonical(address) : null;
    }

    /// <summary>The canonical text of an address.</summary>
    public static string Canonical(IPAddress address) => Fold(address).ToString();

    private static bool TryParseQuad(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address = TryReadQuad(text, bytes) ? new IPAddress(bytes) : null;
        return address is not null;
    }

    private static bool TryReadQuad(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        var count = 0;
        foreach (var part in text.Split('.'))
        {
            var digits = text[part];
            // The check of each digit is needed: number parsing ignores U+0000 at the end.
            if (count == bytes.Length || digits.Length is 0 or > 3 || digits.ContainsAnyExceptInRange('0', '9')
                || (digits.Length > 1 && digits[0] == '0')
                || !byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bytes[count]))
            {
                return false;
            }

            count++;
        }

        return count == bytes.Length;
    }

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
                return TryParseQuad(text[(at - digits)..], out _);
            }
            else if (!char.IsAsciiHexDigit(text[at]) || ++digits > 4)
            {
                return false;
            }
        }

        return true;
    }
}
