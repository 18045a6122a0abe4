using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using SessionCluster.Api.Problems;

namespace SessionCluster.Api.Input;

/// <summary>
/// A request's JSON body, at most <see cref="MaxBytes"/> and <see cref="MaxDepth"/> deep. Unknown members are passed over;
/// a member given twice is an error, because two readers of the same body could take different ones.
/// </summary>
internal sealed class BodyReader : IDisposable
{
    /// <summary>Largest accepted body in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Deepest accepted nesting.</summary>
    public const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private readonly byte[] _rented;
    private readonly int _length;
    private JsonDocument? _document;

    private BodyReader(byte[] rented, int length)
    {
        _rented = rented;
        _length = length;
    }

    /// <summary>The body as it came.</summary>
    public ReadOnlySpan<byte> Bytes => _rented.AsSpan(0, _length);

    /// <summary>What was found wrong so far.</summary>
    public FieldErrors Errors { get; } = new();

    /// <summary>Why a body that was read tolerantly has no fields; null when it could be parsed.</summary>
    public string? Unparsable { get; private set; }

    /// <summary>The fields of the body.</summary>
    public ObjectReader Root => new(_document?.RootElement ?? default, "", Errors);

    /// <summary>Reads the body; null when it is unusable, in which case the request has been answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="optional">Whether an empty body counts as an empty object.</param>
    /// <param name="tolerant">Whether a body that is no JSON object counts as an empty one, with <see cref="Unparsable"/> set.</param>
    public static async ValueTask<BodyReader?> Read(HttpContext context, bool optional = false, bool tolerant = false)
    {
        if (await ReadBytes(context) is not { } body)
        {
            return null;
        }

        var accepted = false;
        try
        {
            accepted = await body.Accept(context, optional, tolerant);
        }
        finally
        {
            if (!accepted)
            {
                body.Dispose();
            }
        }

        return accepted ? body : null;
    }

    /// <summary>Reads the body without looking into it; null when it is too large, in which case the request has been answered.</summary>
    private static async ValueTask<BodyReader?> ReadBytes(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBytes)
        {
            await TooLarge(context);
            return null;
        }

        // Where the length is announced, one byte more would show a body that is longer.
        var room = (int)(context.Request.ContentLength ?? MaxBytes) + 1;
        var buffer = ArrayPool<byte>.Shared.Rent(room);
        var length = 0;
        try
        {
            length = await Fill(context, buffer.AsMemory(0, room));
        }
        finally
        {
            // Also after an exception.
            if (length is 0 or > MaxBytes)
            {
                ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            }
        }

        if (length <= MaxBytes)
        {
            return new BodyReader(length == 0 ? [] : buffer, length);
        }

        await TooLarge(context);
        return null;
    }

    /// <summary>Parses text as a body; for use without a request. Null and a message when it is unusable.</summary>
    public static BodyReader? Parse(ReadOnlySpan<byte> text, out string? error)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(text.Length, 1));
        text.CopyTo(buffer);
        var body = new BodyReader(buffer, text.Length);
        error = body.Parse();
        if (error is null)
        {
            return body;
        }

        body.Dispose();
        return null;
    }

    public void Dispose()
    {
        _document?.Dispose();
        _document = null;
        // Bodies carry tokens: a pooled buffer does not keep them.
        if (_rented.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_rented, clearArray: true);
        }
    }

    private static async ValueTask<int> Fill(HttpContext context, Memory<byte> buffer)
    {
        var length = 0;
        while (length < buffer.Length)
        {
            // The server itself ends the read of a lost connection; RequestAborted would cost a source and a registration.
            var read = await context.Request.Body.ReadAsync(buffer[length..], CancellationToken.None);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return length;
    }

    private static Task TooLarge(HttpContext context) =>
        ProblemAnswer.Write(context, Problem.BodyTooLarge, $"The body may hold at most {MaxBytes} bytes.");

    private async ValueTask<bool> Accept(HttpContext context, bool optional, bool tolerant)
    {
        if (_length == 0 && optional)
        {
            return true;
        }

        if (tolerant && (Unparsable = IsJson(context.Request) ? Parse() : "The body is not JSON.") is not null)
        {
            return true;
        }

        if (_length > 0 && !IsJson(context.Request))
        {
            await ProblemAnswer.Write(context, Problem.UnsupportedMediaType, "Send the body with Content-Type: application/json.");
            return false;
        }

        if (_document is null && Parse() is { } error)
        {
            await ProblemAnswer.Invalid(context, FieldErrors.NoField, error);
            return false;
        }

        if (Errors.Any)
        {
            _document?.Dispose();
            await ProblemAnswer.Invalid(context, Errors);
            return false;
        }

        return true;
    }

    private string? Parse()
    {
        if (!Utf8.IsValid(Bytes))
        {
            return "The body is not UTF-8 text.";
        }

        try
        {
            _document = JsonDocument.Parse(_rented.AsMemory(0, _length), Options);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return "The body is not JSON, is nested too deep, or has a member twice.";
        }

        if (_document.RootElement.ValueKind != JsonValueKind.Object)
        {
            _document.Dispose();
            _document = null;
            return "The body must be a JSON object.";
        }

        JsonText.Check(_document.RootElement, Bytes, Errors);
        return null;
    }

    /// <summary>Whether the request says that its body is JSON, or says nothing.</summary>
    public static bool IsJson(HttpRequest request)
    {
        var type = request.ContentType;
        return string.IsNullOrEmpty(type) || type == "application/json" || request.HasJsonContentType();
    }
}
