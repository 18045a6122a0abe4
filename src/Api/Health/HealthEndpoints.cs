namespace SessionCluster.Api.Health;

/// <summary><c>/health/live</c>: the process runs. <c>/health/ready</c>: it can serve. <c>/health</c> leads to both.</summary>
internal sealed class HealthEndpoints(IReadiness readiness)
{
    private static readonly ReadOnlyMemory<byte> LiveJson = """{"status":"live"}"""u8.ToArray();

    private static readonly ReadOnlyMemory<byte> ReadyJson = """{"status":"ready"}"""u8.ToArray();

    private static readonly ReadOnlyMemory<byte> PathsJson = """{"live":"/health/live","ready":"/health/ready"}"""u8.ToArray();

    public static Task Paths(HttpContext context, Caller caller) => JsonAnswer.WriteRaw(context, StatusCodes.Status200OK, PathsJson);

    public static Task Live(HttpContext context, Caller caller) => JsonAnswer.WriteRaw(context, StatusCodes.Status200OK, LiveJson);

    public async Task Ready(HttpContext context, Caller caller)
    {
        var reason = await readiness.WhyNotReady(context.RequestAborted);
        await (reason is null
            ? JsonAnswer.WriteRaw(context, StatusCodes.Status200OK, ReadyJson)
            : ProblemAnswer.Write(context, Problem.NotReady, reason));
    }
}

/// <summary>What the hosting process knows about being ready to serve; it implements this.</summary>
public interface IReadiness
{
    /// <summary>Why the process cannot serve now, in one sentence without secrets; null when it can.</summary>
    ValueTask<string?> WhyNotReady(CancellationToken cancellationToken);
}
