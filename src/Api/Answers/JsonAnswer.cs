using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SessionCluster.Api.Answers;

/// <summary>
/// Writes JSON answers. The text is built in a buffer that the thread keeps, so that the usual answer allocates nothing and
/// carries its length.
/// </summary>
internal static class JsonAnswer
{
    /// <summary>A buffer that grew over this many bytes is not kept.</summary>
    private const int KeptBytes = 256 * 1024;

    // Relaxed: the answers are application/json with nosniff, so characters of HTML need no escape.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic]
    private static Scratch? _kept;

    /// <summary>Answers with the JSON that <paramref name="fill"/> writes; it must not await or answer itself.</summary>
    public static Task Write<TState>(
        HttpContext context, int status, TState state, Action<Utf8JsonWriter, TState> fill, string contentType = "application/json")
    {
        var scratch = Fill(state, fill);
        var written = Send(context.Response, status, contentType, scratch.Buffer.WrittenMemory);
        if (!written.IsCompletedSuccessfully)
        {
            // The server may still read the buffer: the next answer takes another.
            return written.AsTask();
        }

        Keep(scratch);
        return Task.CompletedTask;
    }

    /// <summary>Answers with JSON that was made before.</summary>
    public static Task WriteRaw(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        var written = Send(context.Response, status, "application/json", json);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }

    /// <summary>JSON in the form of our answers, to be kept.</summary>
    public static byte[] ToBytes<TState>(TState state, Action<Utf8JsonWriter, TState> fill)
    {
        var scratch = Fill(state, fill);
        var bytes = scratch.Buffer.WrittenSpan.ToArray();
        Keep(scratch);
        return bytes;
    }

    // One write: head and body go out together. Without RequestAborted, which costs a source and a registration a request: the server
    // itself ends the write of a lost connection.
    private static ValueTask<FlushResult> Send(HttpResponse response, int status, string contentType, ReadOnlyMemory<byte> json)
    {
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = json.Length;
        return response.BodyWriter.WriteAsync(json, CancellationToken.None);
    }

    // Taken while it is filled: filling may need another.
    private static Scratch Fill<TState>(TState state, Action<Utf8JsonWriter, TState> fill)
    {
        var scratch = _kept ?? new Scratch();
        _kept = null;
        scratch.Buffer.ResetWrittenCount();
        scratch.Writer.Reset(scratch.Buffer);
        fill(scratch.Writer, state);
        scratch.Writer.Flush();
        return scratch;
    }

    private static void Keep(Scratch scratch) => _kept = scratch.Buffer.Capacity <= KeptBytes ? scratch : null;

    private sealed class Scratch
    {
        public Scratch() => Writer = new Utf8JsonWriter(Buffer, Options);

        public ArrayBufferWriter<byte> Buffer { get; } = new(4096);

        public Utf8JsonWriter Writer { get; }
    }
}
