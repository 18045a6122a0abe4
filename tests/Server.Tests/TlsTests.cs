using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SessionCluster.Server.Tests;

/// <summary>TLS by the server's own settings, as docs/production.md says.</summary>
[Trait("Server", "Own")]
public sealed class TlsTests : IDisposable
{
    private const string Subject = "CN=sessions.example.test";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_certificate_and_its_key_in_pem_files_serve_https()
    {
        WriteCertificate();
        var secured = new Uri($"https://127.0.0.1:{TestPorts.Free()}");
        await using var server = await ServerProcess.StartKind(
            _folder.In("data"), ServerKind.OnSqlite, $"urls=http://127.0.0.1:0;{secured}", "PublicUrl=https://sessions.example.test",
            $"Kestrel:Certificates:Default:Path={_folder.In("cert.pem")}", $"Kestrel:Certificates:Default:KeyPath={_folder.In("key.pem")}");
        using var handler = new HttpClientHandler { UseCookies = false };
        handler.ServerCertificateCustomValidationCallback = (_, certificate, _, _) => certificate?.Subject == Subject;
        using var http = new HttpClient(handler);
        var login = await server.Api.Login(Actions.NewUser(), ip: "127.0.0.1");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(secured, "/api/v3/sessions/current/"));
        request.Headers.Add("Cookie", login.Cookie);

        using var answer = await http.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("__Host-", login.Cookie, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a key that is none", "Kestrel:Certificates:Default:KeyPath is '")]
    [InlineData("the key of another certificate", "Kestrel:Certificates:Default:KeyPath is '")]
    [InlineData("no key", "a certificate without its private key; name the key's file in Kestrel:Certificates:Default:KeyPath")]
    [InlineData("a certificate that is none", "Kestrel:Certificates:Default:Path is '")]
    public async Task Files_that_are_no_certificate_and_its_key_stop_the_start_and_are_named(string what, string message)
    {
        WriteCertificate();
        string[] settings = [$"Kestrel:Certificates:Default:Path={_folder.In("cert.pem")}", $"Kestrel:Certificates:Default:KeyPath={_folder.In("key.pem")}"];
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        switch (what)
        {
            case "a key that is none":
                _folder.Write("key.pem", "garbage"u8.ToArray());
                break;
            case "the key of another certificate":
                File.WriteAllText(_folder.In("key.pem"), other.ExportPkcs8PrivateKeyPem());
                break;
            case "no key":
                settings = [settings[0]];
                break;
            default:
                _folder.Write("cert.pem", "garbage"u8.ToArray());
                break;
        }

        var (exitCode, log) = await ServerProcess.StartKindRefused(_folder.In("data"), ServerKind.OnSqlite, ["urls=https://127.0.0.1:0", .. settings]);

        StartTests.AssertToldPlainly(exitCode, log, message);
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = new CertificateRequest("CN=authority", otherKey, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        // With another behind it, as where an authority's own follows.
        File.WriteAllText(_folder.In("cert.pem"), certificate.ExportCertificatePem() + "\n" + other.ExportCertificatePem() + "\n");
        File.WriteAllText(_folder.In("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
