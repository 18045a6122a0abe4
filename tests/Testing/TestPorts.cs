using System.Net;
using System.Net.Sockets;

namespace SessionCluster.Testing;

/// <summary>
/// Ports for the servers of the tests, below those that the system gives to outgoing connections (32768 on Linux):
/// a server that is killed and started again finds its port free, as nobody's connection was given it meanwhile.
/// Each process of tests has ports of its own.
/// </summary>
internal static class TestPorts
{
    private const int First = 12000;
    private const int End = 32000;
    private const int Block = 500;

    /// <summary>Listens on the first port of the block for as long as the process lives, which is how others see that the block is taken.</summary>
    private static readonly TcpListener Mine = TakeBlock();

    private static int _given;

    /// <summary>A port that nobody listens on, and that is given to nobody else before another 498 were.</summary>
    /// <exception cref="InvalidOperationException">All are listened on.</exception>
    public static int Free() =>
        Enumerable.Range(0, Block).Select(_ => Next()).Where(IsFree).Cast<int?>().FirstOrDefault() ?? throw new InvalidOperationException("All ports of the tests are in use.");

    /// <summary>Several of them.</summary>
    public static int[] Free(int count) => [.. Enumerable.Range(0, count).Select(_ => Free())];

    private static int Next() => ((IPEndPoint)Mine.LocalEndpoint).Port + 1 + (int)((uint)Interlocked.Increment(ref _given) % (Block - 1));

    private static TcpListener TakeBlock() =>
        Enumerable.Range(0, (End - First) / Block).Select(block => Listen(First + (block * Block))).FirstOrDefault(listener => listener is not null)
        ?? throw new InvalidOperationException("Too many processes of tests run at once: every block of ports is taken.");

    private static bool IsFree(int port)
    {
        using var listener = Listen(port);
        return listener is not null;
    }

    private static TcpListener? Listen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null;
        }
    }
}
