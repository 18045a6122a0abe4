using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SessionCluster.Server.Tests;

/// <summary>Requests that break off, or whose framing is broken: nobody needs a credential for them, so they are no fault of the server.</summary>
[Collection(nameof(PlainServer))]
public sealed class BrokenRequestTests(PlainServer server)
{
    private const string Head = "POST /api/v3/flows/executor/x/ HTTP/1.1\r\nHost: app.example.test\r\nContent-Type: application/json\r\n";

    private readonly int _faultsBefore = Faults(server);

    [Fact]
    public async Task A_connection_that_is_reset_in_the_middle_of_a_body_is_no_fault()
    {
        for (var i = 0; i < 100; i++)
        {
            using var socket = await Send(Head + "Content-Length: 500\r\n\r\n{");
            await Task.Delay(i % 5);
            socket.LingerState = new LingerOption(enable: true, 0);
        }

        await server.Api.Get("/health/ready");
        NoFaultIsLogged();
    }

    [Theory]
    [InlineData("80000000")]
    [InlineData("ffffffffffffffff")]
    [InlineData("zz")]
    public async Task A_chunk_of_no_size_is_a_400(string size)
    {
        using var socket = await Send($"{Head}Transfer-Encoding: chunked\r\n\r\n{size}\r\n");
        using var answer = new StreamReader(new NetworkStream(socket));

        Assert.Equal("HTTP/1.1 400 Bad Request", await answer.ReadLineAsync());
        NoFaultIsLogged();
    }

    [Fact]
    public async Task A_name_with_half_a_pair_of_surrogates_is_a_400_of_a_check()
    {
        foreach (var body in (string[])["""{"\ud800":1}""", """{"token":"x","client":{"\ud800":1}}"""])
        {
            (await server.Api.Post("/api/v3/sessions/validate/", body)).Is(400);
        }

        NoFaultIsLogged();
    }

    private async Task<Socket> Send(string text)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Server.Url.Port);
        await socket.SendAsync(Encoding.UTF8.GetBytes(text));
        return socket;
    }

    private void NoFaultIsLogged() => Assert.Equal(_faultsBefore, Faults(server));

    private static int Faults(PlainServer server) => server.Server.Log.Split('\n').Count(line => line.Contains("fail: ", StringComparison.Ordinal));
}
