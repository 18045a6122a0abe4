using System.Net.Sockets;

namespace SessionCluster.Silo.Alerts;

/// <summary>
/// Connects webhooks, and refuses addresses that are not public. The address that is judged is the one that is connected to, at each
/// connection again, so that a name which resolves differently later changes nothing.
/// </summary>
internal sealed class PublicTargets(bool allowPrivate)
{
    private static readonly IPNetwork[] Private =
    [
        .. ((ReadOnlySpan<string>)
        [
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            // All but 2000::/3 is not public unicast; within it, what documents, tunnels and translates to IPv4.
            "::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        ]).ToArray().Select(IPNetwork.Parse),
    ];

    /// <summary>Whether an address belongs to somebody on the public internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        var folded = ClientAddress.Fold(address);
        return !Array.Exists(Private, network => network.Contains(folded));
    }

    /// <summary>Connects to a name or address.</summary>
    /// <exception cref="RefusedTargetException">It has no address that may be connected to.</exception>
    public async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, stop);
        var allowed = Array.FindAll(addresses, address => allowPrivate || IsPublic(address));
        if (allowed.Length == 0)
        {
            throw new RefusedTargetException(host);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A webhook's target is not on the public internet.</summary>
internal sealed class RefusedTargetException(string host) : IOException(
    $"{host} has no public address; webhooks to loopback, link-local and private addresses are refused unless Alerts:AllowPrivateTargets is true.");
