using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SessionCluster.Server.Tests.Alerts;

/// <summary>A mail as it was handed over: the envelope and the content.</summary>
internal sealed record ReceivedMail(string From, string To, string Content);

/// <summary>
/// A small SMTP server (RFC 5321) that takes mails after STARTTLS (RFC 3207) only, or over TLS from the first byte, and from somebody who
/// logged in (RFC 4954).
/// </summary>
internal sealed class SmtpServer : IDisposable
{
    public const string User = "mailer";

    public const string Password = "a password of the mailer";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private readonly X509Certificate2 _certificate;

    private readonly X509Certificate2 _between;

    private readonly bool _isTls;

    private readonly ConcurrentQueue<ReceivedMail> _mails = new();

    public SmtpServer(bool isTls = false)
    {
        _isTls = isTls;
        // As most have it: an authority, one between, and the server's own, which sends the one between along.
        using var root = Certificate("root", null);
        using var between = Certificate("between", root);
        using var own = Certificate("localhost", between);
        CertificatePem = root.ExportCertificatePem();
        _between = X509CertificateLoader.LoadCertificate(between.RawData);
        _certificate = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pfx), null);
        _listener.Start();
        _ = Accept();
    }

    /// <summary>What to answer to a sender; null takes it.</summary>
    public string? Sender { get; set; }

    /// <summary>What to answer to a recipient; null takes it.</summary>
    public Func<string, string?> Recipient { get; set; } = _ => null;

    public IReadOnlyList<ReceivedMail> Mails => [.. _mails];

    /// <summary>The authority's certificate.</summary>
    public string CertificatePem { get; }

    /// <summary>The settings of a server process that sends through this one.</summary>
    public IEnumerable<string> Settings(TempFolder folder) =>
    [
        "Mail:Host=localhost", $"Mail:Port={((IPEndPoint)_listener.LocalEndpoint).Port}", $"Mail:Security={(_isTls ? "tls" : "starttls")}",
        $"Mail:Username={User}", $"Mail:Password={Password}", "Mail:From=Accounts <accounts@example.test>",
        $"Mail:CaFile={folder.Write("mail-ca.pem", Encoding.ASCII.GetBytes(CertificatePem))}",
    ];

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
        _between.Dispose();
    }

    /// <summary>The certificate of an authority, or of localhost.</summary>
    public static X509Certificate2 Certificate(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: name != "localhost", hasPathLengthConstraint: false, 0, critical: true));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        if (issuer is null)
        {
            return request.CreateSelfSigned(from, to);
        }

        using var issued = request.Create(issuer, issuer.NotBefore, issuer.NotAfter, RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Serve(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                stream = _isTls ? await Encrypted(stream) : stream;
                await Talk(stream, _isTls);
            }
            catch (Exception error) when (error is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The other side went.
            }
        }
    }

    private async Task Talk(Stream stream, bool isEncrypted)
    {
        var (reader, writer) = Texts(stream);
        var (isKnown, from, to) = (false, "", "");
        await writer.WriteLineAsync("220 localhost ready");
        while (await reader.ReadLineAsync() is { } line)
        {
            var verb = line.Split(' ')[0].ToUpperInvariant();
            if (verb == "EHLO")
            {
                await writer.WriteLineAsync(isEncrypted ? "250-localhost\r\n250 AUTH PLAIN" : "250-localhost\r\n250 STARTTLS");
            }
            else if (verb == "STARTTLS" && !isEncrypted)
            {
                await writer.WriteLineAsync("220 go ahead");
                (isEncrypted, (reader, writer)) = (true, Texts(await Encrypted(stream)));
            }
            else if (verb == "QUIT")
            {
                await writer.WriteLineAsync("221 bye");
                return;
            }
            else if (!isEncrypted)
            {
                await writer.WriteLineAsync("530 Must issue a STARTTLS command first");
            }
            else if (verb == "AUTH")
            {
                isKnown = line.EndsWith(Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{User}\0{Password}")), StringComparison.Ordinal);
                await writer.WriteLineAsync(isKnown ? "235 welcome" : "535 no");
            }
            else if (!isKnown)
            {
                await writer.WriteLineAsync("530 Authentication required");
            }
            else if (verb == "MAIL")
            {
                from = line;
                await writer.WriteLineAsync(Sender ?? "250 ok");
            }
            else if (verb == "RCPT")
            {
                to = line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
                await writer.WriteLineAsync(Recipient(to) ?? "250 ok");
            }
            else if (verb == "DATA")
            {
                await writer.WriteLineAsync("354 go on");
                _mails.Enqueue(new ReceivedMail(from, to, await Content(reader)));
                await writer.WriteLineAsync("250 taken");
            }
            else
            {
                await writer.WriteLineAsync(verb is "RSET" or "NOOP" ? "250 ok" : "502 unknown");
            }
        }
    }

    private static async Task<string> Content(StreamReader reader)
    {
        var content = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line && line != ".")
        {
            content.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        return content.ToString();
    }

    private async Task<Stream> Encrypted(Stream stream)
    {
        var encrypted = new SslStream(stream);
        await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(_certificate, [_between], offline: true) });
        return encrypted;
    }

    private static (StreamReader Reader, StreamWriter Writer) Texts(Stream stream) =>
        (new StreamReader(stream, Encoding.Latin1), new StreamWriter(stream, Encoding.Latin1) { AutoFlush = true, NewLine = "\r\n" });
}
