using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace SessionCluster.Server.Tests.Proxies;

/// <summary>What came back: status, headers and body, as they stand.</summary>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public bool IsOfApplication => Status == 200 && Body.Contains(SmallApplication.Greeting, StringComparison.Ordinal);

    public string? Location => Headers.GetValueOrDefault("Location");
}

/// <summary>Sends requests byte for byte: dot segments, odd header names and the client's address stay as they are written.</summary>
internal static class RawRequest
{
    /// <summary>What a browser sends that opens a page.</summary>
    public static readonly (string, string)[] Navigation = [("Sec-Fetch-Mode", "navigate"), ("Accept", "text/html,*/*;q=0.8")];

    public static Task<RawAnswer> Get(Uri url, string target, params IEnumerable<(string Name, string Value)> headers) =>
        Send(url, "GET", target, null, null, headers);

    /// <summary>Sends one request on a connection of its own.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="method">The method.</param>
    /// <param name="target">The request line's target.</param>
    /// <param name="body">The body, if there is one.</param>
    /// <param name="from">The client's address; null for any.</param>
    /// <param name="headers">Headers beside Host.</param>
    public static async Task<RawAnswer> Send(
        Uri url, string method, string target, string? body, string? from, params IEnumerable<(string Name, string Value)> headers)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from ?? "127.0.0.1"), 0));
        await socket.ConnectAsync(IPAddress.Parse(url.Host), url.Port);
        await using var stream = await Secured(url, new NetworkStream(socket));
        var text = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: close\r\n");
        foreach (var (name, value) in headers)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (body is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        }

        await stream.WriteAsync(Encoding.UTF8.GetBytes(text.Append("\r\n").Append(body).ToString()));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return Read(await reader.ReadToEndAsync());
    }

    private static async Task<Stream> Secured(Uri url, NetworkStream plain)
    {
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            return plain;
        }

        var secured = new SslStream(plain);
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = url.Host,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => ProxyProgram.IsOurs(certificate),
        });
        return secured;
    }

    private static RawAnswer Read(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        Assert.True(end > 0, $"No answer: {text}");
        var lines = text[..end].Split("\r\n");
        var headers = lines.Skip(1).Select(line => line.Split(':', 2))
            .GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => string.Join(", ", group.Select(pair => pair[1].Trim())), StringComparer.OrdinalIgnoreCase);
        return new RawAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, text[(end + 4)..]);
    }
}
