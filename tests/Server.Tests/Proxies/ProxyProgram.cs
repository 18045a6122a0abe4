using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SessionCluster.Server.Tests.Proxies;

/// <summary>
/// The real nginx or Caddy with the very file from <c>examples</c>, on a port that the system chose. It ends with the process that started
/// it, however that ends.
/// </summary>
internal sealed class ProxyProgram : IDisposable
{
    public const string Nginx = "nginx";

    public const string Caddy = "caddy";

    private const string Name = "app.example.com";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new();
    private readonly StringBuilder _log = new();
    private readonly Process _process;

    private ProxyProgram(string program, Uri server, Uri application)
    {
        var port = TestPorts.Free();
        Url = new Uri(program == Nginx ? $"https://127.0.0.1:{port}" : $"http://127.0.0.1:{port}");
        _process = program == Nginx ? StartNginx(port, server, application) : StartCaddy(server, application);
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Whether a certificate is the one made for the test, which nobody else vouches for.</summary>
    public static bool IsOurs(X509Certificate? certificate) => certificate?.Subject == $"CN={Name}" && certificate.Issuer == certificate.Subject;

    /// <summary>Why a proxy cannot run here; null when it can.</summary>
    public static string? WhyNot(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)))
            ? null
            : $"{program} is not installed.";

    /// <summary>Starts one, and waits until it listens.</summary>
    public static async Task<ProxyProgram> Start(string program, Uri server, Uri application)
    {
        var proxy = new ProxyProgram(program, server, application);
        using var patience = new CancellationTokenSource(Patience);
        while (!await proxy.Listens())
        {
            if (proxy._process.HasExited || patience.IsCancellationRequested)
            {
                proxy.Dispose();
                Assert.Fail($"{program} did not start:\n{proxy._log}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
        }

        return proxy;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(Patience);
        _process.Dispose();
        _folder.Dispose();
    }

    private static string Example(string file) => Path.Combine(AppContext.BaseDirectory, "examples", file);

    private Process StartNginx(int port, Uri server, Uri application)
    {
        WriteCertificate();
        var file = _folder.In("nginx.conf");
        string[] own = [.. new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind => $"{kind}_temp_path {_folder.In(kind)};")];
        File.WriteAllText(file, File.ReadAllText(Example("nginx/nginx.conf"))
            .Replace("http {", $"http {{ {string.Concat(own)}", StringComparison.Ordinal)
            .Replace("listen 443 ", $"listen 127.0.0.1:{port} ", StringComparison.Ordinal)
            .Replace("127.0.0.1:9000", application.Authority, StringComparison.Ordinal)
            .Replace("127.0.0.1:8080", server.Authority, StringComparison.Ordinal)
            .Replace("/etc/nginx/tls/", _folder.Path + "/", StringComparison.Ordinal)
            .Replace("/var/log/nginx/", _folder.Path + "/", StringComparison.Ordinal));
        var user = Environment.UserName == "root" ? "user root;" : "";
        return Run($"PATH=$PATH:/usr/sbin; nginx -p '{_folder.Path}' -c '{file}' -e stderr -g 'daemon off; {user} pid {_folder.In("pid")};'", []);
    }

    private Process StartCaddy(Uri server, Uri application) => Run(
        $"caddy run --adapter caddyfile --config '{Example("caddy/Caddyfile")}'",
        [
            ("SITE", Url.GetLeftPart(UriPartial.Authority)), ("SESSIONCLUSTER", server.Authority), ("APPLICATION", application.Authority),
            ("CADDY_ADMIN", "off"), ("XDG_CONFIG_HOME", _folder.Path), ("XDG_DATA_HOME", _folder.Path),
        ]);

    // The shell holds the proxy for as long as this process holds the shell's input.
    private static Process Run(string command, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"{command} & p=$!; cat >/dev/null; kill -TERM $p; wait $p"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private async Task<bool> Listens()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Url.Host, Url.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(_folder.In($"{Name}.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(_folder.In($"{Name}.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private void Hear(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }
}
