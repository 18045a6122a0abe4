using System.Buffers;
using System.Text.Encodings.Web;

namespace SessionCluster.Api.Answers;

/// <summary>Writes JSON answers. Each carries its length.</summary>
internal static class JsonAnswer
{
    // Relaxed: the answers are application/json with nosniff, so characters of HTML need no escape.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly ReadOnlyMemory<byte> EmptyList = "[]"u8.ToArray();

    /// <summary>Answers with the JSON that <paramref name="fill"/> writes; it must not await or answer itself.</summary>
    public static Task Write<TState>(
        HttpContext context, int status, TState state, Action<Utf8JsonWriter, TState> fill, string contentType = "application/json") =>
        Send(context.Response, status, contentType, Fill(state, fill).WrittenMemory);

    /// <summary>Answers with a JSON value.</summary>
    public static Task Write(HttpContext context, int status, JsonNode node) => Write(context, status, node, static (writer, node) => node.WriteTo(writer));

    /// <summary>Answers with a list of nothing.</summary>
    public static Task WriteEmptyList(HttpContext context) => WriteRaw(context, StatusCodes.Status200OK, EmptyList);

    /// <summary>Answers with JSON that was made before.</summary>
    public static Task WriteRaw(HttpContext context, int status, ReadOnlyMemory<byte> json) => Send(context.Response, status, "application/json", json);

    /// <summary>Answers with JSON that was kept.</summary>
    public static async Task WriteReady(HttpContext context, ReadyJson json)
    {
        var whole = ArrayPool<byte>.Shared.Rent(json.Length);
        json.CopyTo(whole);
        await Send(context.Response, StatusCodes.Status200OK, "application/json", whole.AsMemory(0, json.Length));
        ArrayPool<byte>.Shared.Return(whole);
    }

    /// <summary>JSON in the form of our answers, to be kept.</summary>
    public static byte[] ToBytes<TState>(TState state, Action<Utf8JsonWriter, TState> fill) => Fill(state, fill).WrittenSpan.ToArray();

    // One write: head and body go out together. Without RequestAborted, which costs a source and a registration a request: the server
    // itself ends the write of a lost connection.
    private static Task Send(HttpResponse response, int status, string contentType, ReadOnlyMemory<byte> json)
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = json.Length;
        var written = response.BodyWriter.WriteAsync(json, CancellationToken.None);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }

    private static ArrayBufferWriter<byte> Fill<TState>(TState state, Action<Utf8JsonWriter, TState> fill)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer, Options);
        fill(writer, state);
        writer.Flush();
        return buffer;
    }
}
