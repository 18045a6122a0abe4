namespace SessionCluster.Api.Problems;

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

    public static readonly ProblemType ServerError = new("server-error", 500, "The server failed");
    public static readonly ProblemType StorageUnavailable = new("storage-unavailable", 503, "The storage is not available");
    public static readonly ProblemType UnknownOutcome = new("unknown-outcome", 503, "The outcome is unknown");
    public static readonly ProblemType TooManyReaders = new("too-many-readers", 503, "As many readers follow the events as may");
    public static readonly ProblemType NotReady = new("not-ready", 503, "The server is not ready");

    /// <summary>Every problem of the table.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        InvalidRequest, Unauthenticated, Forbidden, Csrf, AccessDenied, NotFound, MethodNotAllowed, ChallengeRequired, SessionLimit,
        SessionEnded, LimitReached, EventsGone, BodyTooLarge, UnsupportedMediaType, IdempotencyKeyReused, ServerError, StorageUnavailable,
        UnknownOutcome, TooManyReaders, NotReady,
    ];
}
