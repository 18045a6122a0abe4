using Microsoft.AspNetCore.Connections;

namespace SessionCluster.Api.Hosting;

/// <summary>
/// Stands around every request: headers that every answer has, and a problem for what no endpoint answered (unknown paths, wrong
/// methods, failures). No answer tells an exception's text, but what an outage has for callers.
/// </summary>
internal sealed class AnswerMiddleware(RequestDelegate next, FailureLog log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        try
        {
            await next(context);
            await AnswerUnanswered(context);
        }
        catch (Exception exception) when (IsOfNobody(exception, context))
        {
            // Nobody waits for an answer, and the rest of the body is not read.
            context.Abort();
        }
        catch (Exception exception) when (exception is BadHttpRequestException or IOException { InnerException: OverflowException })
        {
            // The second is how Kestrel tells of a chunk with a size that no number holds.
            await AnswerBadRequest(context, exception);
        }
        catch (Exception exception) when (Outage.Of(exception, IsQuestion(context.Request)) is { } outage)
        {
            log.Outage(outage, context);
            await AnswerOutage(context, outage);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            log.Fault(exception, context);
            await AnswerFailure(context, Problem.ServerError, $"Nothing more is told here; the log has it under the id {context.TraceIdentifier}.");
        }
    }

    private static bool IsQuestion(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || request.Path.Value is CheckPaths.Validate
        // Some proxies ask with the method of the request that they ask about.
        || request.Path.StartsWithSegments("/outpost");

    private static Task AnswerUnanswered(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.ContentType is not null || response.ContentLength is not null)
        {
            return Task.CompletedTask;
        }

        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed when ErrorPage.IsFor(context.Request) => ErrorPage.Write(
                context, response.StatusCode == StatusCodes.Status404NotFound ? Problem.NotFound : Problem.MethodNotAllowed),
            StatusCodes.Status404NotFound => ProblemAnswer.Write(context, Problem.NotFound, "There is nothing at this path."),
            StatusCodes.Status405MethodNotAllowed => ProblemAnswer.Write(
                context, Problem.MethodNotAllowed, $"{context.Request.Method} is not possible here; see the Allow header."),
            _ => Task.CompletedTask,
        };
    }

    /// <summary>Whether the caller is gone. A read of the body may fail for that before the request counts as aborted.</summary>
    private static bool IsOfNobody(Exception exception, HttpContext context) =>
        exception is ConnectionResetException or IOException { InnerException: ConnectionAbortedException }
        || (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested);

    private static Task AnswerBadRequest(HttpContext context, Exception exception) =>
        exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }
            ? AnswerFailure(context, Problem.BodyTooLarge, $"The body may hold at most {Input.BodyReader.MaxBytes} bytes.")
            : AnswerFailure(context, Problem.InvalidRequest, "The request's HTTP is broken.");

    private static async Task AnswerFailure(HttpContext context, ProblemType problem, string detail)
    {
        if (!context.Response.HasStarted)
        {
            await (ErrorPage.IsFor(context.Request) ? ErrorPage.Write(context, problem) : ProblemAnswer.Write(context, problem, detail));
        }
    }

    /// <summary>An answer that has begun, such as a stream of events, is cut off where it is: nobody takes it for complete.</summary>
    private static async Task AnswerOutage(HttpContext context, Outage outage)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
        }
        else
        {
            await AnswerFailure(context, outage.Problem, outage.Detail);
        }
    }
}
