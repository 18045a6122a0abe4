using System.Globalization;
using System.Net;

namespace SessionCluster.Embedded.Geo;

/// <summary>A network (prefix) of a database.</summary>
/// <param name="ip">Any address inside the network.</param>
/// <param name="prefixLength">Length in bits: 0 to 32 for IPv4, 0 to 128 for IPv6.</param>
public sealed class Network(IPAddress ip, int prefixLength)
{
    public int PrefixLength { get; } = prefixLength;

    /// <summary>The first address of the network.</summary>
    public IPAddress NetworkAddress { get; } = Mask(ip, prefixLength);

    /// <summary>CIDR text.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{NetworkAddress}/{PrefixLength}");

    private static IPAddress Mask(IPAddress ip, int prefixLength)
    {
        Span<byte> all = stackalloc byte[16];
        if (!ip.TryWriteBytes(all, out var length))
        {
            throw new ArgumentException("Not an IPv4 or IPv6 address.", nameof(ip));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, length * 8);
        var bytes = all[..length];
        for (var i = 0; i < length; i++)
        {
            var kept = Math.Clamp(prefixLength - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF00 >> kept);
        }

        return new IPAddress(bytes);
    }
}
