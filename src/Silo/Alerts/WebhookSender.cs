using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;

namespace SessionCluster.Silo.Alerts;

/// <summary>
/// Sends webhooks. Redirects are not followed, no proxy is used, and of an answer only the head is read. Retries are the delivery
/// grain's alone.
/// </summary>
internal sealed class WebhookSender(IOptions<AlertOptions> options, IOptions<EventOptions> events, AlertLinks links, TimeProvider time) : IDisposable
{
    /// <summary>A new connection is made after this, and its name resolved and judged again.</summary>
    private static readonly TimeSpan LongestConnection = TimeSpan.FromMinutes(2);

    /// <summary>More than there are transports: what is beyond has been changed.</summary>
    private const int MostClients = 64;

    private readonly PublicTargets _targets = new(options.Value.AllowPrivateTargets);

    /// <summary>A client for each set of trusted certificates; empty for those of the system.</summary>
    private readonly ConcurrentDictionary<string, HttpClient> _clients = new(StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    public async Task<AlertSending> Send(AlertTransport transport, AlertNotification notification)
    {
        using var request = Request(transport, notification, out var body);
        try
        {
            if (_clients.Count > MostClients)
            {
                // Those in use go on, and end with their connections.
                _clients.Clear();
            }

            var client = _clients.GetOrAdd(transport.WebhookCa ?? "", NewClient);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return (int)response.StatusCode switch
            {
                >= 200 and < 300 => new AlertSending(AlertOutcome.Delivered),
                >= 300 and < 400 => new AlertSending(AlertOutcome.Refused, $"The receiver answered {(int)response.StatusCode}; redirects are not followed."),
                var status => new AlertSending(AlertOutcome.Refused, $"The receiver answered {status}."),
            };
        }
        catch (OperationCanceledException)
        {
            return new AlertSending(Failed(), $"The receiver did not answer within {options.Value.SendTimeout}.");
        }
        catch (HttpRequestException failure)
        {
            return new AlertSending(Failed(), Cause(failure));
        }

        // What this one meets with on a connection that stands, another need not.
        AlertOutcome Failed() => body.WasBegun ? AlertOutcome.Refused : AlertOutcome.Unreachable;
    }

    private HttpRequestMessage Request(AlertTransport transport, AlertNotification notification, out Body content)
    {
        var body = transport.Mode == TransportMode.WebhookSlack
            ? WebhookBody.Slack(notification, links)
            : WebhookBody.Of(notification, events.Value.RetentionValue, links);
        var (id, moment) = (notification.Id.ToString("D"), time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        content = new Body(body);
        var request = new HttpRequestMessage(HttpMethod.Post, transport.WebhookUrl) { Content = content };
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.ParseAdd("SessionCluster");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", moment);
        if (transport.Secret is { } secret)
        {
            request.Headers.Add("webhook-signature", $"v1,{Signature(secret, id, moment, body)}");
        }

        return request;
    }

    /// <summary>The signature of Standard Webhooks over id, moment and body.</summary>
    internal static string Signature(string secret, string id, string moment, ReadOnlySpan<byte> body)
    {
        byte[] content = [.. Encoding.UTF8.GetBytes($"{id}.{moment}."), .. body];
        return Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[WebhookSecret.Prefix.Length..]), content));
    }

    private HttpClient NewClient(string trusted)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = LongestConnection,
            ConnectTimeout = options.Value.SendTimeoutValue,
            MaxResponseHeadersLength = 16,
            // The rest of an answer is not waited for.
            MaxResponseDrainSize = 4096,
            ConnectCallback = _targets.Connect,
        };
        if (trusted.Length > 0)
        {
            handler.SslOptions.CertificateChainPolicy = Trusting(trusted);
        }

        return new HttpClient(handler) { Timeout = options.Value.SendTimeoutValue };
    }

    private static X509ChainPolicy Trusting(string certificates)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(certificates);
        return policy;
    }

    private static string Cause(HttpRequestException failure)
    {
        for (Exception? inner = failure; inner is not null; inner = inner.InnerException)
        {
            if (inner is RefusedTargetException or System.Security.Authentication.AuthenticationException)
            {
                return inner.Message;
            }
        }

        return SettingsCheck.Sentence(failure.Message);
    }

    /// <summary>A body that knows whether a connection stood to write it to.</summary>
    private sealed class Body(byte[] body) : ByteArrayContent(body)
    {
        public bool WasBegun { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            WasBegun = true;
            return base.SerializeToStreamAsync(stream, context, cancellationToken);
        }
    }
}
