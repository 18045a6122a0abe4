using System.Net;
using System.Net.Sockets;

namespace SessionCluster.Storage.Tests.PostgreSql;

/// <summary>The way between a client and the server, which a test can cut at the worst moment.</summary>
internal sealed class Wire : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private readonly int _server;

    private readonly TaskCompletionSource _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource _deliver = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile Fault _fault;

    public Wire(int server)
    {
        _server = server;
        _listener.Start();
        _ = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Completes when the server has answered what was held back.</summary>
    public Task Delivered => _delivered.Task;

    /// <summary>The next answer is swallowed and the client cut off: the server has done the work.</summary>
    public void SwallowAnswer() => _fault = Fault.Answer;

    /// <summary>The next request is held back and the client cut off: the server has not even seen it.</summary>
    public void HoldRequest() => _fault = Fault.Request;

    /// <summary>Hands the server what was held back.</summary>
    public void Deliver() => _deliver.TrySetResult();

    public void Dispose() => _listener.Stop();

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, _server);
                _ = Requests(client, server);
                _ = Answers(client, server);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task Requests(TcpClient client, TcpClient server)
    {
        var buffer = new byte[65536];
        try
        {
            while (await client.GetStream().ReadAsync(buffer) is > 0 and var count)
            {
                if (_fault == Fault.Request)
                {
                    _fault = Fault.None;
                    client.Client.Close(0);
                    await _deliver.Task;
                    await server.GetStream().WriteAsync(buffer.AsMemory(0, count));
                    await server.GetStream().ReadExactlyAsync(buffer.AsMemory(0, 1));
                    _delivered.TrySetResult();
                    return;
                }

                await server.GetStream().WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
        }

        server.Close();
    }

    private async Task Answers(TcpClient client, TcpClient server)
    {
        var buffer = new byte[65536];
        try
        {
            while (await server.GetStream().ReadAsync(buffer) is > 0 and var count)
            {
                if (!client.Connected)
                {
                    _delivered.TrySetResult();
                    return;
                }

                if (_fault == Fault.Answer)
                {
                    _fault = Fault.None;
                    break;
                }

                await client.GetStream().WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return;
        }

        client.Client?.Close(0);
        server.Close();
    }

    private enum Fault
    {
        None = 0,
        Answer = 1,
        Request = 2,
    }
}
