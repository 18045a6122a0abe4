using SessionCluster.Api.Callers;
using SessionCluster.Api.Clients;
using SessionCluster.Api.Edge;
using SessionCluster.Api.Site;

namespace SessionCluster.Api.ForwardAuth;

/// <summary>
/// <c>/outpost/auth/...</c>: a reverse proxy asks whether the browser's session may be used. Reads the session cookie alone (an
/// Authorization header is the application's) and changes nothing, so any method may come from anywhere.
/// </summary>
internal sealed class ForwardAuthEndpoint(
    CredentialReader credentials, ConnectionClient connection, PublicSite site, EdgeChecks checks)
{
    /// <summary>nginx's auth_request: a redirect is the proxy's own business.</summary>
    public Task Nginx(HttpContext context, Caller caller) => Check(
        context, new OriginalRequest(Header(context, "X-Original-Method"), Header(context, "X-Original-URI"), null, null), mayRedirect: false);

    /// <summary>Traefik's forwardAuth and Caddy's forward_auth: both hand a redirect on to the browser.</summary>
    public Task Redirecting(HttpContext context, Caller caller) => Check(
        context,
        new OriginalRequest(
            Header(context, "X-Forwarded-Method"), Header(context, "X-Forwarded-Uri"),
            Header(context, "X-Forwarded-Proto"), Header(context, "X-Forwarded-Host")),
        mayRedirect: true);

    /// <summary>Envoy's ext_authz: the original request itself, its path behind the prefix.</summary>
    public Task Envoy(HttpContext context, Caller caller) => Check(
        context,
        new OriginalRequest(context.Request.Method, "/" + (context.Request.RouteValues["rest"] as string ?? ""), null, null),
        mayRedirect: false);

    private static string? Header(HttpContext context, string name)
    {
        var values = context.Request.Headers[name];
        return values.Count == 1 ? values[0] : null;
    }

    private async Task Check(HttpContext context, OriginalRequest original, bool mayRedirect)
    {
        var credential = credentials.ReadCookie(context);
        if (credential.Kind == CredentialKind.Session)
        {
            if (checks.Find(credential.Session, ClientAddress.Canonical(connection.Address(context)), AnswerKinds.Headers) is { } known)
            {
                Accept(context.Response, known.Headers!);
                return;
            }

            var (result, ready) = await checks.Ask(credential.Session, Facts(context, original), AnswerKinds.Headers);
            if (ready is not null)
            {
                Accept(context.Response, ready.Headers!);
                return;
            }

            await Refuse(context, original, mayRedirect, () => Gate.NotLive(context, result.Status));
            return;
        }

        await Refuse(context, original, mayRedirect, () => Gate.Unauthenticated(context, credential.Kind));
    }

    private ClientFacts Facts(HttpContext context, OriginalRequest original) => connection.IsTrustedProxy(context)
        ? connection.Facts(context, original.Method ?? context.Request.Method, original.Uri ?? context.Request.Path.Value ?? "/")
        : connection.FactsOfUse(context);

    private static void Accept(HttpResponse response, IReadOnlyList<string> session)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentLength = 0;
        response.Headers["X-Session-User"] = Uri.EscapeDataString(session[0]);
        response.Headers["X-Session-Username"] = Uri.EscapeDataString(session[1]);
        response.Headers["X-Session-Email"] = Uri.EscapeDataString(session[2]);
        response.Headers["X-Session-Uuid"] = session[3];
    }

    private Task Refuse(HttpContext context, OriginalRequest original, bool mayRedirect, Func<Task> unauthenticated)
    {
        if (!mayRedirect || !Navigation.Is(context.Request))
        {
            return unauthenticated();
        }

        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.ContentLength = 0;
        context.Response.Headers.Location = LoginRedirect.Url(site, original);
        return Task.CompletedTask;
    }
}

/// <summary>The request that the proxy asks about, as far as it told.</summary>
internal readonly record struct OriginalRequest(string? Method, string? Uri, string? Scheme, string? Host);

/// <summary>Whether a request is a browser's navigation, which alone may be answered with a redirect.</summary>
internal static class Navigation
{
    public static bool Is(HttpRequest request)
    {
        var mode = request.Headers["Sec-Fetch-Mode"];
        return mode.Count > 0
            ? mode == "navigate"
            : request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }
}
