using System.Net.NetworkInformation;
using System.Net.Sockets;
using Orleans.Configuration;

namespace SessionCluster.Silo.Hosting;

/// <summary>
/// Tries the ports and the address of a member before Orleans takes them, so that what is wrong is told by the name of its setting. A silo
/// under an address that is not its own would join, and every call to it would fail.
/// </summary>
internal sealed class SiloPorts(IOptions<EndpointOptions> endpoints, TimeProvider time) : LifecycleStep
{
    /// <summary>How long a connection to this process itself may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public override async Task StartingAsync(CancellationToken cancellationToken)
    {
        var own = endpoints.Value;
        var address = own.AdvertisedIPAddress;
        using var gateway = Listen(own.GatewayListeningEndpoint ?? new IPEndPoint(address, own.GatewayPort), nameof(SiloSettings.GatewayPort));
        using var silo = Listen(own.SiloListeningEndpoint ?? new IPEndPoint(address, own.SiloPort), nameof(SiloSettings.SiloPort));
        if (!IsOfThisHost(address))
        {
            await Reach(silo, new IPEndPoint(address, own.SiloPort), cancellationToken);
        }
    }

    private static TcpListener Listen(IPEndPoint endpoint, string setting)
    {
        var listener = new TcpListener(endpoint);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException failure)
        {
            listener.Dispose();
            throw new InvalidDataException(
                $"{ClusterSettings.Section}:{setting} is {endpoint.Port}, on which {endpoint.Address} cannot be listened on: {failure.Message}. Stop what uses it, or set another port.");
        }
    }

    private static bool IsOfThisHost(IPAddress address) => IPAddress.IsLoopback(address) || NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(card => card.GetIPProperties().UnicastAddresses).Any(own => own.Address.Equals(address));

    /// <summary>An address that is mapped to this host, as that of a container is, leads back to this very listener.</summary>
    private async Task Reach(TcpListener silo, IPEndPoint advertised, CancellationToken cancellationToken)
    {
        using var caller = new TcpClient(advertised.AddressFamily);
        try
        {
            var heard = silo.AcceptTcpClientAsync(cancellationToken).AsTask();
            await caller.ConnectAsync(advertised, cancellationToken).AsTask().WaitAsync(Patience, time, cancellationToken);
            using var call = await heard.WaitAsync(Patience, time, cancellationToken);
        }
        catch (Exception failure) when (failure is SocketException or TimeoutException)
        {
            throw new InvalidDataException(
                $"{ClusterSettings.Section}:{nameof(SiloSettings.AdvertisedAddress)} is {advertised.Address}, under which this silo does not reach itself at port {advertised.Port}: "
                + $"{failure.Message.TrimEnd('.')}. Set it to an address of this host, or to one that leads to it.");
        }
    }
}
