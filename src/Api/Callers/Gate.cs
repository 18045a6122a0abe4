namespace SessionCluster.Api.Callers;

/// <summary>
/// Stands before every endpoint: refuses U+0000 in the query, finds out who calls, checks a person's session and the
/// cross-site rule, and lets in who may.
/// </summary>
internal sealed class Gate(CredentialReader credentials, CsrfRule csrf, ConnectionClient connection, EdgeChecks checks)
{
    public RequestDelegate Guard(Access access, Func<HttpContext, Caller, Task> endpoint) =>
        context => Enter(context, access, endpoint);

    /// <summary>Lets in forms that our own pages sent.</summary>
    public Func<HttpContext, Caller, Task> FromOurPages(Func<HttpContext, Caller, Task> endpoint) =>
        (context, caller) => csrf.Accepts(context.Request) ? endpoint(context, caller) : ErrorPage.Write(context, Problem.Csrf);

    /// <summary>Answers 401 for a session that may not be used; never with the values of a broken binding.</summary>
    public static Task NotLive(HttpContext context, SessionStatus status) =>
        Unauthenticated(context, "The session is not live.", JsonForms.ReasonName(status));

    /// <summary>Answers 401 for credentials that name no session and no service.</summary>
    public static Task Unauthenticated(HttpContext context, CredentialKind kind) => kind switch
    {
        CredentialKind.None => Unauthenticated(context, "No credentials were sent.", null),
        CredentialKind.MalformedToken => Unauthenticated(context, "The session token is not one of ours.", "malformed"),
        _ => Unauthenticated(context, "The credentials are wrong, or of a kind that does not serve here.", null),
    };

    private static Task Unauthenticated(HttpContext context, string detail, string? reason) => ProblemAnswer.Write(
        context, Problem.Unauthenticated, detail, more: reason is null ? null : writer => writer.WriteString("reason"u8, reason));

    private Task Enter(HttpContext context, Access access, Func<HttpContext, Caller, Task> endpoint)
    {
        if (QueryReader.FindNullCharacters(context.Request) is { } errors)
        {
            return ErrorPage.IsFor(context.Request) ? ErrorPage.Write(context, Problem.InvalidRequest) : ProblemAnswer.Invalid(context, errors);
        }

        if (access.Everyone)
        {
            return endpoint(context, Caller.Anyone);
        }

        var credential = credentials.Read(context);
        return credential.Kind switch
        {
            CredentialKind.Service => EnterService(context, access, credential, endpoint),
            CredentialKind.Session => EnterSession(context, access, credential, endpoint),
            _ => Unauthenticated(context, credential.Kind),
        };
    }

    private static Task EnterService(
        HttpContext context, Access access, Credential credential, Func<HttpContext, Caller, Task> endpoint)
    {
        if (access.Roles == Roles.None)
        {
            RefusalLog.Note(context, RefusalLog.Forbidden);
            return Unauthenticated(context, CredentialKind.Wrong);
        }

        var caller = new Caller(credential.Key, null);
        return caller.Has(access.Roles)
            ? endpoint(context, caller)
            : ProblemAnswer.Write(context, Problem.Forbidden, $"The key needs the role {RoleNames(access)}.");
    }

    private async Task EnterSession(
        HttpContext context, Access access, Credential credential, Func<HttpContext, Caller, Task> endpoint)
    {
        if (credential.FromCookie && !csrf.Accepts(context.Request))
        {
            await ProblemAnswer.Write(context, Problem.Csrf, "A request with a cookie that changes something must come from PublicUrl.");
            return;
        }

        if (access.Ready != AnswerKinds.None)
        {
            var ip = ClientAddress.Canonical(connection.Address(context));
            var (refused, ready) = await checks.Check(
                credential.Session, ip, access.Ready, (connection, context), static use => use.connection.FactsOfUse(use.context));
            await (ready is null ? NotLive(context, refused!.Status) : endpoint(context, new Caller(null, null, ready)));
            return;
        }

        var result = await checks.Ask(credential.Session, connection.FactsOfUse(context));
        if (!result.IsActive)
        {
            await NotLive(context, result.Status);
        }
        else if (!access.Sessions)
        {
            await ProblemAnswer.Write(context, Problem.Forbidden, $"This is for services: a key with the role {RoleNames(access)}.");
        }
        else
        {
            await endpoint(context, new Caller(null, result.Session));
        }
    }

    private static string RoleNames(Access access)
    {
        var roles = Enum.GetValues<Roles>()
            .Where(role => role is not (Roles.None or Roles.All) && access.Roles.HasFlag(role))
            .Select(role => role.ToString().ToLowerInvariant());
        return string.Join(" or ", roles);
    }
}
