using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace SessionCluster.AspNetCore;

/// <summary>
/// Answers 503 where the server could not be asked and nothing else of the app has answered: in a sign-in, a sign-out, or a cookie whose
/// ticket is with the server.
/// </summary>
internal sealed class Unavailable : IStartupFilter
{
    /// <summary>Under this item a request has the exception of its check, also where the app chose to go on without an answer.</summary>
    public static readonly object Item = new();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static async (context, rest) =>
        {
            try
            {
                await rest(context);
            }
            catch (SessionClusterUnavailableException exception) when (!context.Response.HasStarted)
            {
                context.Response.Clear();
                Answer(context.Response, exception);
            }
        });
        next(app);
    };

    public static void Answer(HttpResponse response, SessionClusterUnavailableException exception)
    {
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.RetryAfter = Math.Ceiling(exception.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        NotCached(response);
    }

    public static void NotCached(HttpResponse response) => response.Headers.CacheControl = "no-store";
}
