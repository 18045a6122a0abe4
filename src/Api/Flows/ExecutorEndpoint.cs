namespace SessionCluster.Api.Flows;

/// <summary>
/// <c>GET|POST /api/v3/flows/executor/{flow_slug}/</c>: the plan's next step, as authentik's flow executor answers it. Every outcome
/// of the flow is a 200 with a component.
/// </summary>
internal sealed class ExecutorEndpoint(
    CredentialReader credentials, CsrfRule csrf, PlanReader plans, FlowRun run, LoginAnswers logins, SiteCookies cookies, PublicSite site)
{
    private const string Denied = "ak-stage-access-denied";

    private const string Redirect = "xak-flow-redirect";

    private const string RememberMe = "remember_me";

    /// <summary>What the flow asks next; without a prompt it logs in.</summary>
    public Task Get(HttpContext context, Caller caller) => Step(context, null);

    /// <summary>An answer to what the flow asked.</summary>
    public Task Solve(HttpContext context, Caller caller) =>
        BodyReader.With(context, body => Step(context, body), optional: true, tolerant: true);

    private async Task Step(HttpContext context, BodyReader? body)
    {
        var credential = credentials.Read(context);
        if (credential.Kind == CredentialKind.Wrong || credential is { Kind: CredentialKind.MalformedToken, FromCookie: false })
        {
            await Gate.Unauthenticated(context, credential.Kind);
            return;
        }

        var named = plans.Read(context.Request);
        // Without a plan there is nothing to force: that is answered as any plan that is over.
        var mayBeForced = named.Id is not null && credential.Kind != CredentialKind.Service && named.Place != PlanPlace.Header;
        if (mayBeForced && !csrf.AcceptsPlan(context.Request, named.Place == PlanPlace.Cookie))
        {
            await ProblemAnswer.Write(context, Problem.Csrf, "A plan by cookie or URL must be answered from PublicUrl.");
            return;
        }

        var slug = FlowSlug.Of(context);
        var (open, refusal) = await run.Open(named.Id, slug);
        var faults = new JsonObject();
        var answer = refusal ?? await run.Answer(open!, body is null ? null : ReadAnswer(body, faults), context, credential);
        var step = new ExecutorStep(answer, slug, site.Options.LoginUrl, faults, [], IsForService(credential));
        if (answer.Login is { } login)
        {
            step = step with { Cookies = logins.Cookies(login) };
            SetCookies(context, step.Cookies, named);
        }

        await JsonAnswer.Write(context, StatusCodes.Status200OK, step, Write);
    }

    private static bool IsForService(Credential credential) =>
        credential.Key is { } key && (key.Roles & Roles.Login) != Roles.None;

    private void SetCookies(HttpContext context, IReadOnlyList<SiteCookie> handedOut, NamedPlan named)
    {
        foreach (var cookie in handedOut)
        {
            context.Response.Headers.Append("Set-Cookie", cookie.SetCookie);
        }

        if (plans.IsInCookie(context.Request, named.Id))
        {
            context.Response.Headers.Append("Set-Cookie", cookies.ClearPlan());
        }
    }

    private static bool? ReadAnswer(BodyReader body, JsonObject faults)
    {
        if (body.Unparsable is { } unparsable)
        {
            Fault(faults, FieldErrors.NoField, unparsable, "parse_error");
        }

        if (!body.Root.TryFind(RememberMe, out var value))
        {
            Fault(faults, RememberMe, ObjectReader.Required, "required");
            return null;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.Null:
                Fault(faults, RememberMe, "This field may not be null.", "null");
                return null;
            default:
                Fault(faults, RememberMe, "Must be a valid boolean.", "invalid");
                return null;
        }
    }

    // In authentik's form: a text and a code for each field.
    private static void Fault(JsonObject faults, string field, string text, string code) =>
        faults[field] = new JsonArray(new JsonObject { ["string"] = text, ["code"] = code });

    private static void Write(Utf8JsonWriter writer, ExecutorStep step)
    {
        var answer = step.Answer;
        writer.WriteStartObject();
        switch (answer.Kind)
        {
            case FlowAnswerKind.Challenge:
                ChallengeJson.WriteMembers(writer, FlowSlug.Title(step.Slug), step.CancelUrl, answer.User!);
                if (step.Faults.Count > 0)
                {
                    writer.WritePropertyName("response_errors"u8);
                    step.Faults.WriteTo(writer);
                }

                break;
            case FlowAnswerKind.LoggedIn:
                writer.WriteString("component"u8, Redirect);
                writer.WriteString("to"u8, answer.Next);
                if (step.ForService)
                {
                    LoginAnswers.WriteMembers(writer, answer.Login!, step.Cookies);
                }

                break;
            default:
                writer.WriteString("component"u8, Denied);
                ChallengeJson.WriteFlowInfo(writer, FlowSlug.Title(step.Slug), step.CancelUrl);
                ChallengeJson.WritePendingUser(writer, answer.User);
                writer.WriteString("error_message"u8, answer.Error);
                break;
        }

        writer.WriteEndObject();
    }

    private sealed record ExecutorStep(
        FlowAnswer Answer, string Slug, string CancelUrl, JsonObject Faults, IReadOnlyList<SiteCookie> Cookies, bool ForService);
}
