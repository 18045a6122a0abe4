using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace SessionCluster.Silo.Hosting;

/// <summary>
/// The address under which the other members reach this one, where no setting says it. It is never guessed: two members that took the same one
/// would take each other for the same member, started again, and end each other in turn.
/// </summary>
internal static class OwnAddress
{
    /// <summary>
    /// How the names of bridges begin on which the containers and virtual machines of one host meet. Many hosts have such a bridge, with the same
    /// address on each.
    /// </summary>
    private static readonly string[] Bridges = ["docker", "br-", "veth", "virbr", "lxcbr", "lxdbr", "podman", "cni", "flannel", "cali", "cilium", "kube-"];

    /// <summary>The addresses of this host's network cards at which another host may reach it.</summary>
    public static List<(string Card, IPAddress Address)> Candidates() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(card => card.OperationalStatus == OperationalStatus.Up)
            .SelectMany(card => card.GetIPProperties().UnicastAddresses.Select(own => (card.Name, own.Address)))
            .Where(own => IsForOthers(own.Name, own.Address)),
    ];

    /// <summary>The only IPv4 address, or the only one of IPv6 where there is none of IPv4; of several that from which the database is reached; else null.</summary>
    /// <param name="towardsDatabase">Finds the address from which the database is reached; null where it is on this host.</param>
    public static IPAddress? Choose(IEnumerable<(string Card, IPAddress Address)> candidates, Func<IPAddress?> towardsDatabase)
    {
        IPAddress[] all = [.. candidates.Select(own => own.Address).Distinct()];
        IPAddress[] older = [.. all.Where(address => address.AddressFamily == AddressFamily.InterNetwork)];
        return (older.Length > 0 ? older : all) switch
        {
            [] => null,
            [var only] => only,
            _ => towardsDatabase() is { } own && all.Contains(own) ? own : null,
        };
    }

    /// <summary>The address from which this host reaches the database; null where that cannot be told. Nothing is sent.</summary>
    public static IPAddress? Towards(DatabaseSettings database)
    {
        try
        {
            var settings = database.Read();
            var first = settings.Host!.Split(',')[0];
            // One of several hosts may have its port with it.
            var host = first.Count(character => character == ':') == 1 ? first[..first.IndexOf(':', StringComparison.Ordinal)] : first;
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(host, settings.Port);
            var own = ((IPEndPoint)socket.LocalEndPoint!).Address;
            return own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own;
        }
        catch (Exception error) when (error is SocketException or InvalidDataException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether other hosts may reach an address: no loopback, nothing that holds on one wire alone, no bridge within this host.</summary>
    internal static bool IsForOthers(string card, IPAddress address) =>
        !IPAddress.IsLoopback(address)
        && !address.IsIPv6LinkLocal
        && !(address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..])
        && !Bridges.Any(bridge => card.StartsWith(bridge, StringComparison.Ordinal));
}
