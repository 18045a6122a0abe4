using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace SessionCluster.Api.Hosting;

/// <summary>
/// Where features mount their paths: what answers each, and who may call it. A slash at the end may be left out. The whole table stands in
/// docs/routes.md, which a test compares with what is mounted.
/// </summary>
internal sealed class Routes(IEndpointRouteBuilder app, Gate gate)
{
    public IServiceProvider Services => app.ServiceProvider;

    /// <summary>Makes an endpoint, which is mounted and asked for by nobody else, from the services.</summary>
    public T Make<T>() => ActivatorUtilities.CreateInstance<T>(Services);

    public void Get(string path, Access access, Func<HttpContext, Caller, Task> endpoint) => Add(["GET"], path, access, endpoint);

    public void GetOrHead(string path, Func<HttpContext, Caller, Task> endpoint) => Add(["GET", "HEAD"], path, Access.Public, endpoint);

    public void Post(string path, Access access, Func<HttpContext, Caller, Task> endpoint) => Add(["POST"], path, access, endpoint);

    public void Put(string path, Access access, Func<HttpContext, Caller, Task> endpoint) => Add(["PUT"], path, access, endpoint);

    public void PutOrPatch(string path, Access access, Func<HttpContext, Caller, Task> endpoint) => Add(["PUT", "PATCH"], path, access, endpoint);

    public void Delete(string path, Access access, Func<HttpContext, Caller, Task> endpoint) => Add(["DELETE"], path, access, endpoint);

    /// <summary>A page for people, which looks for itself who asks. The API's description leaves it out.</summary>
    public void Page(string path, Func<HttpContext, Caller, Task> endpoint) =>
        app.MapMethods(path, ["GET", "HEAD"], gate.Guard(Access.Public, endpoint)).WithMetadata(Access.Public, new PageRoute());

    /// <summary>What a page's form is sent to; forms from anywhere but our own pages are refused.</summary>
    public void PageForm(string path, Func<HttpContext, Caller, Task> endpoint) =>
        app.MapMethods(path, ["POST"], gate.Guard(Access.Public, gate.FromOurPages(endpoint))).WithMetadata(Access.Public, new PageRoute());

    /// <summary>Any method, from everyone: the endpoint looks for itself.</summary>
    public void Any(string path, Func<HttpContext, Caller, Task> endpoint) =>
        app.Map(path, gate.Guard(Access.Public, endpoint)).WithMetadata(Access.Public);

    /// <summary>A request's route, for logs: the pattern and not the path, as paths carry users' keys.</summary>
    public static string PatternOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "no route";

    private void Add(string[] methods, string path, Access access, Func<HttpContext, Caller, Task> endpoint) =>
        app.MapMethods(path, methods, gate.Guard(access, endpoint)).WithMetadata(access);
}

/// <summary>Says of an endpoint that it is a page, or belongs to one, and no part of the API.</summary>
internal sealed class PageRoute;
