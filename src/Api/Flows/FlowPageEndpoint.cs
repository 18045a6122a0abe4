namespace SessionCluster.Api.Flows;

/// <summary>
/// <c>/if/flow/{flow_slug}/</c>: the stage as a page, for front ends without one of their own. Works without JavaScript: the answer is
/// a form post to the page itself. The plan comes by a one-time code, which is exchanged for a cookie at once, and from then on by
/// that cookie alone.
/// </summary>
internal sealed class FlowPageEndpoint(
    CredentialReader credentials,
    CsrfRule csrf,
    ConnectionClient connection,
    PlanReader plans,
    PlanTokens tokens,
    FlowRun run,
    LoginAnswers logins,
    SiteCookies cookies,
    FlowPage pages,
    PublicSite site,
    TimeProvider time)
{
    private const string Code = "code";

    private const string RememberMe = "remember_me";

    private const string NotMe = "not_me";

    private const string Asked = "asked";

    /// <summary>
    /// Shows the question. Where there is none, it logs in at once who comes from a page of ours, or from the address and with the user agent
    /// that the plan names, and asks all others to confirm: a link to someone else's plan must not log in by being opened, and none by being fetched.
    /// </summary>
    public async Task Get(HttpContext context, Caller caller)
    {
        if (!csrf.AcceptsOpening(context.Request))
        {
            await Refuse(context, "The page must be opened as one.");
            return;
        }

        var slug = FlowSlug.Of(context);
        var code = context.Request.Query[Code];
        if (code.Count > 0)
        {
            await Exchange(context, slug, code.Count == 1 ? code[0] : null);
            return;
        }

        var (open, refusal) = await run.Open(plans.ReadCookie(context.Request), slug);
        if (open is null)
        {
            await Deny(context, refusal!);
        }
        else if (open.Stage.Prompts || (IsOpened(context.Request) && (CsrfRule.IsSameOrigin(context.Request) || IsPlansClient(context, open.Plan))))
        {
            // Where the stage prompts, this finds out whether the user may be asked at all, and logs nobody in.
            await Answer(context, open, null);
        }
        else
        {
            await pages.Ask(context, open);
        }
    }

    /// <summary>Takes the answer.</summary>
    public async Task Post(HttpContext context, Caller caller)
    {
        if (!csrf.Accepts(context.Request))
        {
            await Refuse(context, "The form must be sent from its own page.");
            return;
        }

        // Before the plan is looked at: a form may come slowly, and the plan be cancelled meanwhile.
        var fields = await FormFields.Read(context);
        var (open, refusal) = await run.Open(plans.ReadCookie(context.Request), FlowSlug.Of(context));
        if (open is null)
        {
            await Deny(context, refusal!);
            return;
        }

        // The browser holds one plan, the one that was opened last. What was answered about an earlier one, in another tab, is not meant for it.
        if (fields.One(Asked) != open.Mark)
        {
            await pages.Ask(context, open, FlowPage.AnotherLogin);
            return;
        }

        if (fields.One(NotMe) is not null)
        {
            await run.Cancel(open);
            context.Response.Headers.Append("Set-Cookie", cookies.ClearPlan());
            PageWriter.See(context, site.Options.LoginUrl);
            return;
        }

        bool? rememberMe = fields.One(RememberMe) switch
        {
            "true" => true,
            "false" => false,
            _ => null,
        };
        await Answer(context, open, rememberMe, rememberMe is null ? FlowPage.NoAnswer : null);
    }

    private static Task Refuse(HttpContext context, string why) =>
        ErrorPage.IsFor(context.Request) ? ErrorPage.Write(context, Problem.Csrf) : ProblemAnswer.Write(context, Problem.Csrf, why);

    /// <summary>Not so by a script, which may fetch what a link leads to before anybody follows it, nor by a browser that does so itself.</summary>
    private static bool IsOpened(HttpRequest request) =>
        request.Headers["Sec-Fetch-Mode"] is [] or ["navigate"] && request.Headers["Sec-Purpose"].Count == 0;

    private bool IsPlansClient(HttpContext context, PlanInfo plan) =>
        plan.Login is { Client: { UserAgent.Length: > 0 } client }
        && context.Request.Headers.UserAgent == client.UserAgent
        && ClientAddress.Canonical(connection.Address(context)) == client.Ip;

    private async Task Exchange(HttpContext context, string slug, string? code)
    {
        var id = tokens.ReadCode(code);
        if (id is null)
        {
            RefusalLog.Note(context, RefusalLog.MalformedCode);
        }

        // A reload of the address with the code finds the plan in the cookie already.
        var known = plans.IsInCookie(context.Request, id);
        if (id is not { } named || !(known || await run.Redeem(named, slug) is not null))
        {
            await Deny(context, FlowAnswer.Denied(null, Refusals.NoPendingUser));
            return;
        }

        if (!known)
        {
            context.Response.Headers.Append("Set-Cookie", cookies.Plan(tokens.Issue(named), IPlanGrain.Lifetime, time.GetUtcNow()));
        }

        PageWriter.See(context, FlowSlug.Page(slug));
    }

    private async Task Answer(HttpContext context, OpenPlan open, bool? rememberMe, string? fault = null)
    {
        var answer = await run.Answer(open, rememberMe, context, credentials.ReadCookie(context));
        switch (answer.Kind)
        {
            case FlowAnswerKind.LoggedIn:
                foreach (var cookie in logins.Cookies(answer.Login!))
                {
                    context.Response.Headers.Append("Set-Cookie", cookie.SetCookie);
                }

                context.Response.Headers.Append("Set-Cookie", cookies.ClearPlan());
                PageWriter.See(context, answer.Next);
                break;
            case FlowAnswerKind.Challenge:
                await pages.Ask(context, open, fault);
                break;
            default:
                await Deny(context, answer);
                break;
        }
    }

    private Task Deny(HttpContext context, FlowAnswer answer) => pages.Deny(context, answer.User, answer.Error);
}
