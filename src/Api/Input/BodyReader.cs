using System.Text.Unicode;

namespace SessionCluster.Api.Input;

/// <summary>
/// A request's JSON body, at most <see cref="MaxBytes"/> and <see cref="MaxDepth"/> deep. Unknown members are passed over unless
/// the form calls <see cref="ObjectReader.OnlyKnows"/>;
/// a member given twice is an error, because two readers of the same body could take different ones.
/// </summary>
internal sealed class BodyReader : IDisposable
{
    /// <summary>Largest accepted body in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Deepest accepted nesting.</summary>
    public const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private readonly ReadOnlyMemory<byte> _bytes;

    private JsonDocument? _document;

    internal BodyReader(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>The body as it came.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>What was found wrong so far.</summary>
    public FieldErrors Errors { get; } = new();

    /// <summary>Why a body that was read tolerantly has no fields; null when it could be parsed.</summary>
    public string? Unparsable { get; private set; }

    /// <summary>The fields of the body.</summary>
    public ObjectReader Root => new(_document?.RootElement ?? default, "", Errors);

    /// <summary>Reads the body and answers by it. The parameters are those of <see cref="Read"/>, which answers by itself where it is unusable.</summary>
    public static async Task With(HttpContext context, Func<BodyReader, Task> answer, bool optional = false, bool tolerant = false)
    {
        using var body = await Read(context, optional, tolerant);
        if (body is not null)
        {
            await answer(body);
        }
    }

    /// <summary>Reads a form from the body and answers by it; where anything is wrong with it, that is the answer.</summary>
    public static Task With<T>(HttpContext context, Func<BodyReader, T> read, Func<T, Task> answer, bool optional = false) => With(
        context,
        body =>
        {
            var form = read(body);
            return body.Errors.Any ? ProblemAnswer.Invalid(context, body.Errors) : answer(form);
        },
        optional);

    /// <summary>Reads the body; null when it is unusable, in which case the request has been answered.</summary>
    /// <param name="optional">Whether an empty body counts as an empty object.</param>
    /// <param name="tolerant">Whether a body that is not a JSON object counts as an empty one, with <see cref="Unparsable"/> set.</param>
    public static async ValueTask<BodyReader?> Read(HttpContext context, bool optional = false, bool tolerant = false)
    {
        // Where the length is announced, one byte more would show a body that is longer.
        var room = (int)Math.Min(context.Request.ContentLength ?? MaxBytes, MaxBytes) + 1;
        var buffer = new byte[room];
        // The server itself ends the read of a lost connection; RequestAborted would cost a source and a registration.
        var length = context.Request.ContentLength > MaxBytes
            ? room
            : await context.Request.Body.ReadAtLeastAsync(buffer, room, throwOnEndOfStream: false, CancellationToken.None);
        if (length > MaxBytes)
        {
            await ProblemAnswer.Write(context, Problem.BodyTooLarge, $"The body may hold at most {MaxBytes} bytes.");
            return null;
        }

        var body = new BodyReader(buffer.AsMemory(0, length));
        if (await body.Accept(context, optional, tolerant))
        {
            return body;
        }

        body.Dispose();
        return null;
    }

    public void Dispose() => _document?.Dispose();

    private async ValueTask<bool> Accept(HttpContext context, bool optional, bool tolerant)
    {
        if (_bytes.IsEmpty && optional)
        {
            return true;
        }

        if (tolerant && (Unparsable = IsJson(context.Request) ? Parse() : "The body is not JSON.") is not null)
        {
            return true;
        }

        if (!_bytes.IsEmpty && !IsJson(context.Request))
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
            await ProblemAnswer.Invalid(context, Errors);
            return false;
        }

        return true;
    }

    /// <summary>Parses the body; why it is unusable, or null.</summary>
    internal string? Parse()
    {
        if (!Utf8.IsValid(Bytes))
        {
            return "The body is not UTF-8 text.";
        }

        try
        {
            _document = JsonDocument.Parse(_bytes, Options);
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

/// <summary>
/// Looks for text that nothing behind the edge can hold: U+0000 (PostgreSQL has no such text) and halves of surrogate pairs.
/// In valid JSON both come as escapes only, so a body without one is not walked.
/// </summary>
internal static class JsonText
{
    private const string NullCharacter = "The character U+0000 is not allowed.";

    private const string BrokenText = "The text is not valid Unicode.";

    /// <summary>Adds an error for each field that holds such text, at any depth.</summary>
    public static void Check(JsonElement root, ReadOnlySpan<byte> text, FieldErrors errors)
    {
        if (text.IndexOf("\\u"u8) >= 0)
        {
            Walk(root, "", errors);
        }
    }

    /// <summary>Adds an error for each field of an object that was made of a form's fields and holds such text.</summary>
    public static void Check(JsonElement form, FieldErrors errors) => Walk(form, "", errors);

    private static void Walk(JsonElement element, string field, FieldErrors errors)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject().TakeWhile(_ => !errors.IsFull))
                {
                    if (ReadName(property) is not { } name)
                    {
                        errors.Add(field.Length == 0 ? FieldErrors.NoField : field, BrokenText);
                    }
                    else if (name.Contains('\0', StringComparison.Ordinal))
                    {
                        errors.Add(field.Length == 0 ? FieldErrors.NoField : field, NullCharacter);
                    }
                    else
                    {
                        Walk(property.Value, FieldErrors.NameOf(field, name), errors);
                    }
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray().TakeWhile(_ => !errors.IsFull))
                {
                    Walk(item, field, errors);
                }

                break;
            case JsonValueKind.String:
                CheckString(element, field, errors);
                break;
        }
    }

    private static void CheckString(JsonElement element, string field, FieldErrors errors)
    {
        try
        {
            if (element.GetString()!.Contains('\0', StringComparison.Ordinal))
            {
                errors.Add(field, NullCharacter);
            }
        }
        catch (InvalidOperationException)
        {
            errors.Add(field, BrokenText);
        }
    }

    // The platform reports half a surrogate pair by this exception only.
    private static string? ReadName(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
