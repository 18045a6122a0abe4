namespace SessionCluster.Api.Problems;

/// <summary>Writes problems as <c>application/problem+json</c>.</summary>
internal static class ProblemAnswer
{
    private const string ContentType = "application/problem+json";

    // The paths whose contract is authentik's: there each field's messages are repeated at the top level, its own form.
    private static readonly PathString[] AuthentikPaths =
    [
        "/api/v3/core", "/api/v3/stages", "/api/v3/events/events", "/api/v3/events/transports", "/api/v3/events/rules", "/api/v3/events/notifications",
        "/api/v3/policies", "/api/v3/flows/executor",
    ];

    /// <summary>Answers with a problem.</summary>
    /// <param name="detail">What is the matter in this case; never a token, a key or an exception's text.</param>
    /// <param name="errors">Messages per field, for a 400.</param>
    /// <param name="more">Writes further members.</param>
    public static Task Write(
        HttpContext context, ProblemType type, string? detail = null, FieldErrors? errors = null, Action<Utf8JsonWriter>? more = null)
    {
        if (type.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer, Session";
        }
        else if (type == Problem.Forbidden)
        {
            RefusalLog.Note(context, RefusalLog.Forbidden);
        }

        var state = (type, detail, errors, more, repeat: errors is not null && IsAuthentikPath(context.Request.Path));
        return JsonAnswer.Write(context, type.Status, state, Fill, ContentType);
    }

    /// <summary>Answers 400 with the messages that were gathered.</summary>
    public static Task Invalid(HttpContext context, FieldErrors errors) =>
        Write(context, Problem.InvalidRequest, "One or more fields are invalid; see errors.", errors);

    /// <summary>Answers 400 with one message of one field.</summary>
    public static Task Invalid(HttpContext context, string field, string message)
    {
        var errors = new FieldErrors();
        errors.Add(field, message);
        return Invalid(context, errors);
    }

    /// <summary>The members of a problem itself, which no field of these names stands beside.</summary>
    private static readonly string[] Own = ["type", "title", "status", "detail", "errors"];

    private static void Fill(
        Utf8JsonWriter writer,
        (ProblemType Type, string? Detail, FieldErrors? Errors, Action<Utf8JsonWriter>? More, bool Repeat) state)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, state.Type.Slug);
        writer.WriteString("title"u8, state.Type.Title);
        writer.WriteNumber("status"u8, state.Type.Status);
        writer.WriteString("detail"u8, state.Detail ?? state.Type.Title + ".");
        state.More?.Invoke(writer);
        if (state.Errors is not null)
        {
            writer.WriteStartObject("errors"u8);
            state.Errors.WriteMembers(writer, []);
            writer.WriteEndObject();
            if (state.Repeat)
            {
                state.Errors.WriteMembers(writer, Own);
            }
        }

        writer.WriteEndObject();
    }

    private static bool IsAuthentikPath(PathString path) =>
        Array.Exists(AuthentikPaths, prefix => path.StartsWithSegments(prefix, StringComparison.Ordinal));
}

/// <summary>A kind of problem (RFC 9457): the stable slug in <c>type</c>, its status and its title.</summary>
internal sealed record ProblemType(string Slug, int Status, string Title);

/// <summary>The one table of problems. Slugs are part of the contract: never renamed, never reused.</summary>
internal static class Problem
{
    public static readonly ProblemType InvalidRequest = new("invalid-request", 400, "The request is invalid");
    public static readonly ProblemType Unauthenticated = new("unauthenticated", 401, "Authentication is needed");
    public static readonly ProblemType Forbidden = new("forbidden", 403, "The caller may not do this");
    public static readonly ProblemType Csrf = new("csrf", 403, "The request may come from another site");
    public static readonly ProblemType AccessDenied = new("access-denied", 403, "Access denied");
    public static readonly ProblemType NotFound = new("not-found", 404, "Not found");
    public static readonly ProblemType MethodNotAllowed = new("method-not-allowed", 405, "Method not allowed");
    public static readonly ProblemType ChallengeRequired = new("challenge-required", 409, "The stage asks a question first");
    public static readonly ProblemType SessionLimit = new("session-limit", 409, "The user has the most sessions allowed");
    public static readonly ProblemType SessionEnded = new("session-ended", 409, "The session is not live");
    public static readonly ProblemType LimitReached = new("limit-reached", 409, "A limit is reached");
    public static readonly ProblemType EventsGone = new("events-gone", 410, "Events after this one are no longer kept");
    public static readonly ProblemType BodyTooLarge = new("body-too-large", 413, "The body is too large");
    public static readonly ProblemType UnsupportedMediaType = new("unsupported-media-type", 415, "The body must be JSON");
    public static readonly ProblemType IdempotencyKeyReused =
        new("idempotency-key-reused", 422, "The Idempotency-Key was used with another request");

    public static readonly ProblemType DeliveryFailed = new("delivery-failed", 502, "The notification could not be delivered");
    public static readonly ProblemType ServerError = new("server-error", 500, "The server failed");
    public static readonly ProblemType StorageUnavailable = new("storage-unavailable", 503, "The storage is not available");
    public static readonly ProblemType UnknownOutcome = new("unknown-outcome", 503, "The outcome is unknown");
    public static readonly ProblemType TooManyReaders = new("too-many-readers", 503, "As many readers follow the events as may");
    public static readonly ProblemType NotReady = new("not-ready", 503, "The server is not ready");
}
