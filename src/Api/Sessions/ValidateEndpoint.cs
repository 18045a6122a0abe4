namespace SessionCluster.Api.Sessions;

/// <summary><c>POST /api/v3/sessions/validate/</c>: whether a token's session may be used by a client, now.</summary>
internal sealed class ValidateEndpoint(EdgeChecks checks, SessionTokens tokens)
{
    private static readonly ReadOnlyMemory<byte> Malformed = """{"active":false,"reason":"malformed"}"""u8.ToArray();

    public async Task Validate(HttpContext context, Caller caller)
    {
        var read = ReadUsual(context.Request);
        if (read is null)
        {
            using var body = await BodyReader.Read(context);
            read = body is null ? null : await ReadAny(context, body);
        }

        if (read is not { } check)
        {
            return;
        }

        if (check.Session is not { } session)
        {
            RefusalLog.Note(context, RefusalLog.MalformedToken, check.Client.Ip);
            await JsonAnswer.WriteRaw(context, StatusCodes.Status200OK, Malformed);
            return;
        }

        var (result, ready) = check.Known is { } known
            ? new EdgeCheck(null, known)
            : await checks.Check(session, check.Client.Ip, AnswerKinds.Validate, check.Client, static client => client);
        await (ready is null
            ? JsonAnswer.Write(context, StatusCodes.Status200OK, result!, FillRefused)
            : JsonAnswer.WriteReady(context, ready.Validate!));
    }

    /// <summary>Reads a usual body where it lies, if all of it has come; null for any other, of which nothing is taken.</summary>
    private Check? ReadUsual(HttpRequest request)
    {
        if (request.ContentLength is not (> 0 and <= BodyReader.MaxBytes) || !BodyReader.IsJson(request) || !request.BodyReader.TryRead(out var result))
        {
            return null;
        }

        var bytes = result.Buffer;
        var check = bytes.IsSingleSegment && bytes.Length == request.ContentLength && UsualCheck.TryRead(bytes.FirstSpan, out var usual) ? Find(usual) : null;
        request.BodyReader.AdvanceTo(check is null ? bytes.Start : bytes.End);
        return check;
    }

    /// <summary>What a usual body asks for. Where the answer is in memory, none of the body is made into text.</summary>
    private Check? Find(UsualCheck usual)
    {
        SessionId? session = tokens.TryRead(usual.Token, out var read) ? read : null;
        Span<char> ip = stackalloc char[ClientAddress.MaxLength];
        ip = ip[..Encoding.UTF8.GetChars(usual.Ip, ip)];
        if (session is not null && checks.Find(read, ip, AnswerKinds.Validate, usual, static usual => usual.ReadClient()!) is { } known)
        {
            return new Check(null!, session, known);
        }

        return usual.ReadClient() is { } client ? new Check(client, session) : null;
    }

    /// <summary>Reads any body; null when it is faulty, in which case the request has been answered.</summary>
    private async ValueTask<Check?> ReadAny(HttpContext context, BodyReader body)
    {
        // Every string is a token here; one that is too long is merely not ours.
        var token = body.Root.Text("token", BodyReader.MaxBytes);
        var client = ClientFields.Read(body.Root, context);
        if (!body.Errors.Any && client is not null)
        {
            return new Check(client, tokens.TryRead(token, out var session) ? session : null);
        }

        await ProblemAnswer.Invalid(context, body.Errors);
        return null;
    }

    private static void FillRefused(Utf8JsonWriter writer, ValidateResult result)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("active"u8, false);
        writer.WriteString("reason"u8, JsonForms.ReasonName(result.Status));
        if (result.Binding is { } binding)
        {
            writer.WriteBinding("binding"u8, binding);
        }

        writer.WriteEndObject();
    }
}

/// <summary>What is to be checked.</summary>
/// <param name="Client">Where the use comes from; not read where the answer is known.</param>
/// <param name="Session">The session of the token; null when that is not one of ours.</param>
/// <param name="Known">The answer from memory; null when the session has to be checked yet.</param>
internal readonly record struct Check(ClientFacts Client, SessionId? Session, ReadyAnswers? Known = null);
