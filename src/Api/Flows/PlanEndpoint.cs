namespace SessionCluster.Api.Flows;

/// <summary><c>POST /api/v3/flows/plans/</c>: a front end prepares a login whose stage the browser meets itself.</summary>
internal sealed class PlanEndpoint(IGrainFactory grains, PlanTokens plans, LoginForms forms)
{
    public Task Create(HttpContext context, Caller caller) => BodyReader.With(context, async body =>
    {
        var slug = body.Root.Text("flow_slug", FlowSlug.MaxLength);
        body.Errors.Require(FlowSlug.IsValid(slug) || body.Errors.Of("flow_slug").Count > 0, "flow_slug", "Must have letters, digits, hyphens and underscores only.");
        var form = await forms.Read(body, context, isPlan: true);
        if (body.Errors.Any)
        {
            await ProblemAnswer.Invalid(context, body.Errors);
            return;
        }

        var id = PlanTokens.Draw();
        if (!await grains.Plan(id).Create(new PlanInfo(slug, form.HasPendingUser, form.Next, form.Login)))
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
}
