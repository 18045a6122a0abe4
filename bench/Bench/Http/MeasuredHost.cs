using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SessionCluster.Silo.Hosting;

namespace SessionCluster.Bench.Http;

/// <summary>
/// The product's server with one path more: it answers whatever bytes were put there before, past the product's own middleware, with
/// the headers that the product's answers carry. It is the most that this server can do for an answer of that size.
/// </summary>
internal static class MeasuredHost
{
    public const string ConstantPath = "/bench/constant";

    public static async Task Run(string[] args)
    {
        var app = SiloHost.Build(args);
        byte[] constant = [];
        app.MapPut(ConstantPath, async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            constant = body.ToArray();
        });
        app.MapMethods(ConstantPath, ["GET", "POST"], (RequestDelegate)(context => Answer(context, constant))).ShortCircuit();
        await app.StartAsync();
        // Its starter holds the other end of its input, and never outlives it unnoticed.
        await Console.OpenStandardInput().CopyToAsync(Stream.Null);
        await app.StopAsync();
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
