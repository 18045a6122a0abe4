using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using SessionCluster.Api.Problems;

namespace SessionCluster.Api.Hosting;

/// <summary>
/// Stands around every request: headers that every answer has, and a problem for what no endpoint answered (unknown paths, wrong
/// methods, failures). No answer tells an exception's text.
/// </summary>
internal sealed partial class AnswerMiddleware(RequestDelegate next, ILogger<AnswerMiddleware> logger)
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
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for an answer.
        }
        catch (BadHttpRequestException exception)
        {
            await AnswerBadRequest(context, exception);
        }
        catch (TimeoutException exception)
        {
            TimedOut(exception, context.Request.Method, RouteOf(context));
            await AnswerFailure(
                context, Problem.UnknownOutcome,
                "The server did not answer in time; what was asked may have happened or not. Retry with the same Idempotency-Key.");
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            Failed(exception, context.Request.Method, RouteOf(context));
            await AnswerFailure(context, Problem.ServerError, $"Nothing more is told here; the log has it under the id {context.TraceIdentifier}.");
        }
    }

    private static Task AnswerUnanswered(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.ContentType is not null || response.ContentLength is not null)
        {
            return Task.CompletedTask;
        }

        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ProblemAnswer.Write(context, Problem.NotFound, "There is nothing at this path."),
            StatusCodes.Status405MethodNotAllowed => ProblemAnswer.Write(
                context, Problem.MethodNotAllowed, $"{context.Request.Method} is not possible here; see the Allow header."),
            _ => Task.CompletedTask,
        };
    }

    private static Task AnswerBadRequest(HttpContext context, BadHttpRequestException exception) =>
        exception.StatusCode == StatusCodes.Status413PayloadTooLarge
            ? AnswerFailure(context, Problem.BodyTooLarge, $"The body may hold at most {Input.BodyReader.MaxBytes} bytes.")
            : AnswerFailure(context, Problem.InvalidRequest, "The request's HTTP is broken.");

    private static async Task AnswerFailure(HttpContext context, ProblemType problem, string detail)
    {
        if (!context.Response.HasStarted)
        {
            await ProblemAnswer.Write(context, problem, detail);
        }
    }

    // The route's pattern, not the path: paths carry users' keys.
    private static string RouteOf(HttpContext context) =>
        context.Features.Get<IEndpointFeature>()?.Endpoint?.DisplayName ?? "no route";
}
