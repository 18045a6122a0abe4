namespace SessionCluster.Api.ForwardAuth;

/// <summary>
/// <c>/outpost/auth/...</c>: a reverse proxy asks whether the browser's session may be used. Reads the session cookie alone (an
/// Authorization header is the application's) and changes nothing, so any method may come from anywhere.
/// </summary>
internal sealed class ForwardAuthEndpoint(
    CredentialReader credentials, ConnectionClient connection, PublicSite site, EdgeChecks checks)
{
    private const string EnvoyPath = ForwardAuthTarget.Root + "envoy";

    /// <summary>nginx's auth_request: a redirect is the proxy's own business.</summary>
    public Task Nginx(HttpContext context, Caller caller) => Check(context, Told(context, "X-Original-Method", "X-Original-URI"), mayRedirect: false);

    /// <summary>Traefik's forwardAuth and Caddy's forward_auth: both hand a redirect on to the browser.</summary>
    public Task Redirecting(HttpContext context, Caller caller) => Check(context, Told(context, "X-Forwarded-Method", "X-Forwarded-Uri"), mayRedirect: true);

    /// <summary>Envoy's ext_authz: the original request itself, its path behind the prefix.</summary>
    public Task Envoy(HttpContext context, Caller caller)
    {
        var target = PathSegment.Target(context);
        var path = target.StartsWith(EnvoyPath + "/", StringComparison.OrdinalIgnoreCase) ? target[EnvoyPath.Length..] : "/";
        var request = context.Request;
        return Check(
            context, new OriginalRequest(request.Method, path, Header(context, "X-Forwarded-Proto"), Header(context, "Host")), mayRedirect: false);
    }

    private static OriginalRequest Told(HttpContext context, string method, string uri) => new(
        Header(context, method), Header(context, uri), Header(context, "X-Forwarded-Proto"), Header(context, "X-Forwarded-Host"));

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
            var ip = ClientAddress.Canonical(connection.Address(context));
            var (result, ready) = await checks.Check(
                credential.Session, ip, AnswerKinds.Headers, (endpoint: this, context, original), static use => use.endpoint.Facts(use.context, use.original));
            if (ready is not null)
            {
                SessionHeaders.Accept(context.Response, ready.Headers!);
                return;
            }

            await Refuse(context, original, mayRedirect, JsonForms.ReasonName(result!.Status), () => Gate.NotLive(context, result.Status));
            return;
        }

        await Refuse(context, original, mayRedirect, null, () => Gate.Unauthenticated(context, credential.Kind));
    }

    private ClientFacts Facts(HttpContext context, OriginalRequest original) => connection.IsTrustedProxy(context)
        ? connection.FactsOfTold(context, original.Method ?? context.Request.Method, original.Uri ?? PathSegment.Target(context))
        : connection.FactsOfUse(context);

    /// <summary>Without <c>Login:Url</c> there is nowhere to send a browser to.</summary>
    private Task Refuse(HttpContext context, OriginalRequest original, bool mayRedirect, string? reason, Func<Task> unauthenticated)
    {
        if (!site.Options.HasLogin || LoginRedirect.Url(site, original, reason) is not { } login)
        {
            return unauthenticated();
        }

        if (!mayRedirect)
        {
            context.Response.Headers["X-Session-Login"] = login;
            return unauthenticated();
        }

        if (!Navigation.Is(context.Request))
        {
            return unauthenticated();
        }

        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.ContentLength = 0;
        context.Response.Headers.Location = login;
        return Task.CompletedTask;
    }
}

/// <summary>The request that the proxy asks about, as far as it told.</summary>
internal readonly record struct OriginalRequest(string? Method, string? Uri, string? Scheme, string? Host);

/// <summary>What a proxy is told of a live session. All four headers are there always, so that a client's own never pass.</summary>
internal static class SessionHeaders
{
    /// <summary>Answers 200 with the headers.</summary>
    /// <param name="session">Key, name and e-mail of the user, and the session's uuid.</param>
    public static void Accept(HttpResponse response, IReadOnlyList<string> session)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentLength = 0;
        var isEncoded = !(IsPlain(session[0]) && IsPlain(session[1]) && IsPlain(session[2]));
        if (isEncoded)
        {
            response.Headers["X-Session-Encoding"] = "percent";
        }

        response.Headers["X-Session-User"] = Value(session[0], isEncoded);
        response.Headers["X-Session-Username"] = Value(session[1], isEncoded);
        response.Headers["X-Session-Email"] = Value(session[2], isEncoded);
        response.Headers["X-Session-Uuid"] = session[3];
    }

    private static bool IsPlain(string text) => text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;

    // Beside an encoded value a plain one stays as it is, but for a percent sign of its own: so all four may be decoded.
    private static string Value(string text, bool isEncoded) =>
        isEncoded && (!IsPlain(text) || text.Contains('%', StringComparison.Ordinal)) ? Uri.EscapeDataString(text) : text;
}
