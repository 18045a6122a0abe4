namespace SessionCluster.Api.Sessions;

/// <summary>What a person does with the session of the request: look at it, end it.</summary>
internal sealed class CurrentEndpoints(
    CredentialReader credentials,
    CsrfRule csrf,
    ConnectionClient connection,
    SiteCookies cookies,
    CommitThenTell commits)
{
    /// <summary><c>GET /api/v3/sessions/current/</c>.</summary>
    public static Task Get(HttpContext context, Caller caller) => JsonAnswer.WriteReady(context, caller.Ready!.Current!);

    /// <summary>
    /// <c>POST /api/v3/sessions/current/logout/</c>. It does not check the session first: leaving is allowed from anywhere. Of an
    /// ended session it is answered once that is so everywhere.
    /// </summary>
    public async Task Logout(HttpContext context, Caller caller)
    {
        var credential = credentials.Read(context);
        if (credential.Kind != CredentialKind.Session)
        {
            if (credential is { Kind: CredentialKind.MalformedToken, FromCookie: true })
            {
                context.Response.Headers.Append("Set-Cookie", cookies.ClearSession());
            }

            await Gate.Unauthenticated(context, credential.Kind);
            return;
        }

        if (credential.FromCookie && !csrf.Accepts(context.Request))
        {
            await ProblemAnswer.Write(context, Problem.Csrf, "A logout by cookie must come from PublicUrl.");
            return;
        }

        var session = credential.Session;
        await commits.End(session, new EndCommand([session], EndReason.LoggedOut, Client: connection.Facts(context)));
        context.Response.Headers.Append("Set-Cookie", cookies.ClearSession());
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
