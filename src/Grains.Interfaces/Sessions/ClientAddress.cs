using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace SessionCluster.Sessions;

/// <summary>Addresses of clients: one canonical text for each, so that equal addresses are equal texts.</summary>
public static class ClientAddress
{
    /// <summary>Reads an address from input: dotted IPv4 or any form of IPv6; no port, no brackets.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (!IPAddress.TryParse(text, out address))
        {
            return false;
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            // The platform also takes 1, 0x7f.1 and 010.0.0.1, which other programs read as other addresses.
            return address.ToString() == text;
        }

        return !text!.Contains('[', StringComparison.Ordinal);
    }

    /// <summary>The canonical text: no zone, IPv4-mapped IPv6 folded to IPv4.</summary>
    public static string Canonical(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0
            ? new IPAddress(address.GetAddressBytes()).ToString()
            : address.ToString();
    }
}
