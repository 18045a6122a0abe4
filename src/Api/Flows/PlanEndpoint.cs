namespace SessionCluster.Api.Flows;

/// <summary><c>POST /api/v3/flows/plans/</c>: a front end prepares a login whose stage the browser meets itself.</summary>
internal sealed class PlanEndpoint(
    IGrainFactory grains, PlanTokens plans, SessionTokens tokens, DeviceCookies devices, PublicSite site, IOptions<DataOptions> options)
{
    public Task Create(HttpContext context, Caller caller) => BodyReader.With(context, async body =>
    {
        var slug = body.Root.Text("flow_slug", FlowSlug.MaxLength);
        body.Errors.Require(FlowSlug.IsValid(slug) || body.Errors.Of("flow_slug").Count > 0, "flow_slug", "Must have letters, digits, hyphens and underscores only.");
        var form = LoginForm.Read(body.Root, site.Redirects, context, options.Value.MaxData, isPlan: true);
        var stage = form.Stage.Length == 0
            ? null
            : await grains.Stages().Find(form.Stage);
        body.Errors.Require(stage is not null || body.Errors.Of("stage").Count > 0, "stage", "There is no such stage.");
        if (body.Errors.Any || stage is null || form.Client is null)
        {
            await ProblemAnswer.Invalid(context, body.Errors);
            return;
        }

        var id = PlanTokens.Draw();
        if (!await grains.Plan(id).Create(Plan(slug, stage, form, form.Client)))
        {
            throw new InvalidOperationException("A plan's id was drawn twice.");
        }

        await JsonAnswer.Write(context, StatusCodes.Status201Created, new JsonObject
        {
            ["plan"] = plans.Issue(id),
            ["executor"] = FlowSlug.Executor(slug),
            ["page"] = $"{FlowSlug.Page(slug)}?code={plans.IssueCode(id)}",
        });
    });

    // The browser answers the prompt.
    private PlanInfo Plan(string slug, StageInfo stage, LoginForm form, ClientFacts client) => new(
        slug, form.HasPendingUser, form.Context.Next, form.User is { } user ? form.ToCommand(user, client, stage, devices, tokens) with { RememberMe = null } : null);
}
