using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace SessionCluster.Server.Tests.Proxies;

/// <summary>A request as it reached the application behind a proxy.</summary>
internal sealed record Reached(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>The application behind a proxy: remembers what reaches it, says so to everyone, and echoes WebSockets.</summary>
internal sealed class SmallApplication : IAsyncDisposable
{
    public const string Greeting = "the application";

    private readonly ConcurrentQueue<Reached> _reached = new();

    private readonly WebApplication _app;

    private SmallApplication()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(Answer);
    }

    public Uri Url => new(_app.Urls.First());

    /// <summary>All that reached it whose target holds a text.</summary>
    public IReadOnlyList<Reached> With(string text) => [.. _reached.Where(request => request.Target.Contains(text, StringComparison.Ordinal))];

    public static async Task<SmallApplication> Start()
    {
        var application = new SmallApplication();
        await application._app.StartAsync();
        return application;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = context.WebSockets.IsWebSocketRequest ? "" : await reader.ReadToEndAsync();
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        _reached.Enqueue(new Reached(context.Request.Method, target, headers, body));
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await context.Response.WriteAsync(Greeting);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var bytes = new byte[100];
        var received = await socket.ReceiveAsync(bytes, CancellationToken.None);
        await socket.SendAsync(bytes.AsMemory(0, received.Count), received.MessageType, endOfMessage: true, CancellationToken.None);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }
}
