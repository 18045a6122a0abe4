using Microsoft.AspNetCore.Routing;

namespace SessionCluster.Api.Hosting;

/// <summary>
/// Finds the endpoints of checks, which are nearly all of the load, by comparing two texts. Routing finds the same endpoints in its
/// table, where it looks for all other paths and for other spellings of these.
/// </summary>
internal sealed class CheckPaths(RequestDelegate next, EndpointDataSource table, FailureLog log)
{
    /// <summary><c>POST</c>: a service's check.</summary>
    public const string Validate = "/api/v3/sessions/validate/";

    /// <summary><c>GET</c>: a person's check.</summary>
    public const string Current = "/api/v3/sessions/current/";

    private readonly Lazy<Shortcut> _validate = new(() => new Shortcut(Find(table, Validate), log));

    private readonly Lazy<Shortcut> _current = new(() => new Shortcut(Find(table, Current), log));

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value;
        var shortcut = path == Validate && HttpMethods.IsPost(request.Method) ? _validate
            : path == Current && HttpMethods.IsGet(request.Method) ? _current
            : null;
        return shortcut is null ? next(context) : shortcut.Value.Enter(context);
    }

    private static RouteEndpoint Find(EndpointDataSource table, string path) =>
        table.Endpoints.OfType<RouteEndpoint>().Single(endpoint => endpoint.RoutePattern.RawText == path);

    private sealed class Shortcut(RouteEndpoint endpoint, FailureLog log)
    {
        private readonly AnswerMiddleware _answers = new(endpoint.RequestDelegate!, log);

        public Task Enter(HttpContext context)
        {
            // Traces, metrics and logs name the route of a request by its endpoint.
            context.SetEndpoint(endpoint);
            return _answers.InvokeAsync(context);
        }
    }
}
