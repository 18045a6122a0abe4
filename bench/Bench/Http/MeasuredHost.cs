using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Sessions;

namespace SessionCluster.Bench.Http;

/// <summary>
/// A process of the product with paths of our own. One answers whatever bytes were put there before, past the product's own middleware, with
/// the headers that the product's answers carry. It is the most that this server can do for an answer of that size.
/// </summary>
internal static class MeasuredHost
{
    public const string ConstantPath = "/bench/constant";

    /// <summary>The same bytes, once the request's body has been read; nothing looks into it.</summary>
    public const string ReadingPath = "/bench/reading";

    /// <summary>Checks sessions one after the other, inside the process; answers the microseconds that it took.</summary>
    public const string ChecksPath = "/bench/checks";

    /// <summary>Bytes that the process' heap holds after a full collection.</summary>
    public const string HeapPath = "/bench/heap";

    public static async Task Run(WebApplication app)
    {
        byte[] constant = [];
        app.MapPut(ConstantPath, async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            constant = body.ToArray();
        });
        app.MapMethods(ConstantPath, ["GET", "POST"], (RequestDelegate)(context => Answer(context, constant))).ShortCircuit();
        app.MapPost(ReadingPath, (RequestDelegate)(context => ReadAndAnswer(context, constant))).ShortCircuit();
        app.MapPost(ChecksPath, (Guid[] sessions, bool cold) => Check(app.Services.GetRequiredService<IGrainFactory>(), sessions, cold));
        app.MapGet(HeapPath, () => GC.GetTotalMemory(forceFullCollection: true));
        await app.StartAsync();
        // Its starter holds the other end of its input, and never outlives it unnoticed.
        await Console.OpenStandardInput().CopyToAsync(Stream.Null);
        await app.StopAsync();
    }

    private static async Task<double> Check(IGrainFactory grains, Guid[] sessions, bool cold)
    {
        if (cold)
        {
            await grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        }

        var use = new ValidateCommand(new ClientFacts(Logins.Ip, "", "GET", "/", "{}", ""));
        var start = Stopwatch.GetTimestamp();
        foreach (var session in sessions)
        {
            var result = await grains.Session(new SessionId(session)).Validate(use);
            if (!result.IsActive)
            {
                throw new InvalidOperationException($"A session is {result.Status}.");
            }
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    // Not copied, which is the least that a handler can do with a body.
    private static async Task ReadAndAnswer(HttpContext context, byte[] constant)
    {
        var body = context.Request.BodyReader;
        var read = await body.ReadAtLeastAsync((int)context.Request.ContentLength!);
        body.AdvanceTo(read.Buffer.End);
        await Answer(context, constant);
    }

    private static Task Answer(HttpContext context, byte[] constant)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.ContentType = "application/json";
        response.ContentLength = constant.Length;
        return response.Body.WriteAsync(constant).AsTask();
    }
}
