namespace SessionCluster.Api.OpenApi;

/// <summary><c>GET /openapi/v1.json</c>: the contract as a document, the file beside this one byte for byte.</summary>
internal static class OpenApiDocument
{
    public static ReadOnlyMemory<byte> Bytes { get; } = Embedded.Bytes("SessionCluster.Api.OpenApi.v1.json");

    public static Task Get(HttpContext context, Caller caller) => TypedResults.Bytes(Bytes, "application/json").ExecuteAsync(context);
}
