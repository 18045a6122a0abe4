namespace SessionCluster.Api.ForwardAuth;

/// <summary>
/// Refuses what would walk out of forward auth. A proxy may append the path of the original request to ours, and the server resolves dot
/// segments before routing: without this, <c>/outpost/auth/envoy/../../../health/live</c> would be answered 200 by another endpoint, and the
/// proxy would let the request pass. So the request line is looked at as it came.
/// </summary>
internal sealed class ForwardAuthTarget
{
    /// <summary>What every path of forward auth begins with.</summary>
    public const string Root = "/outpost/auth/";

    private readonly RequestDelegate _next;

    private readonly AnswerMiddleware _refusal;

    public ForwardAuthTarget(RequestDelegate next, FailureLog log)
    {
        _next = next;
        _refusal = new AnswerMiddleware(Refuse, log);
    }

    public Task InvokeAsync(HttpContext context) => LeavesItsPath(PathSegment.Target(context)) ? _refusal.InvokeAsync(context) : _next(context);

    /// <summary>Whether a target under <see cref="Root"/> has a segment of dots or a backslash, encoded or not.</summary>
    public static bool LeavesItsPath(string target)
    {
        if (!target.StartsWith(Root, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = Uri.UnescapeDataString(query < 0 ? target : target[..query]);
        return path.Contains('\\', StringComparison.Ordinal) || path.Split('/').Any(segment => segment is "." or "..");
    }

    private static Task Refuse(HttpContext context) =>
        ProblemAnswer.Invalid(context, "path", "Must not hold segments of dots or backslashes below " + Root + ".");
}
