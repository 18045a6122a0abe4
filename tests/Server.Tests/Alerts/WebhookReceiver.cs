using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SessionCluster.Server.Tests.Alerts;

/// <summary>A webhook as it was received.</summary>
internal sealed record ReceivedWebhook(IReadOnlyDictionary<string, string> Headers, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string Id => Headers["webhook-id"];

    public string User => Json["event_user_username"]!.GetValue<string>();

    public string Session => Json["event"]!["context"]!["session_uuid"]!.GetValue<string>();
}

/// <summary>A receiver of webhooks on a real server, which answers as a test says.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedWebhook> _received = new();

    private readonly WebApplication _app;

    private WebhookReceiver(Func<ReceivedWebhook, HttpContext, Task<int>> answer, string url, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url).UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var webhook = new ReceivedWebhook(
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), await reader.ReadToEndAsync());
            _received.Enqueue(webhook);
            context.Response.StatusCode = await answer(webhook, context);
        });
    }

    public Uri Url => new(_app.Urls.First());

    /// <summary>All that was received so far, in order, each once: what is answered too late is sent again, with the same id.</summary>
    public IReadOnlyList<ReceivedWebhook> Received => [.. Attempts.DistinctBy(webhook => webhook.Id)];

    /// <summary>The same with those that were sent again.</summary>
    public IReadOnlyList<ReceivedWebhook> Attempts => [.. _received];

    public static Task<WebhookReceiver> Start() => Start((_, _) => Task.FromResult(StatusCodes.Status204NoContent));

    public static async Task<WebhookReceiver> Start(Func<ReceivedWebhook, HttpContext, Task<int>> answer, string url = "http://127.0.0.1:0", X509Certificate2? certificate = null)
    {
        var receiver = new WebhookReceiver(answer, url, certificate);
        await receiver._app.StartAsync();
        return receiver;
    }

    public Task Until(int count) => Poll.Until(() => Task.FromResult(Received.Count >= count));

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
