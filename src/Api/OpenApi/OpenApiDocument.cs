namespace SessionCluster.Api.OpenApi;

/// <summary><c>GET /openapi/v1.json</c>: the contract as a document, the file beside this one byte for byte.</summary>
internal static class OpenApiDocument
{
    private const string Name = "SessionCluster.Api.OpenApi.v1.json";

    private static readonly ReadOnlyMemory<byte> Document = Load();

    public static ReadOnlyMemory<byte> Bytes => Document;

    public static async Task Get(HttpContext context, Caller caller)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Document.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(Document, context.RequestAborted);
        }
    }

    private static byte[] Load()
    {
        using var stream = typeof(OpenApiDocument).Assembly.GetManifestResourceStream(Name)
            ?? throw new InvalidOperationException($"{Name} is not in the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
