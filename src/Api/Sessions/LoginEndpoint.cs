namespace SessionCluster.Api.Sessions;

/// <summary><c>POST /api/v3/sessions/</c>: a whole login in one call.</summary>
internal sealed class LoginEndpoint(
    IGrainFactory grains,
    CommitThenTell commits,
    SessionTokens tokens,
    DeviceCookies devices,
    LoginAnswers answers,
    PublicSite site,
    IOptions<DataOptions> options)
{
    public Task Login(HttpContext context, Caller caller) => BodyReader.With(context, async body =>
    {
        var form = LoginForm.Read(body.Root, site.Redirects, context, options.Value.MaxData);
        var idempotency = IdempotencyKey.Read(context, caller, body.Bytes, body.Errors);
        var stage = form.Stage.Length == 0 ? null : await grains.Stages().Find(form.Stage);
        body.Errors.Require(stage is not null || body.Errors.Of("stage").Count > 0, "stage", "There is no such stage.");
        if (body.Errors.Any || stage is null || form.Client is null)
        {
            await ProblemAnswer.Invalid(context, body.Errors);
        }
        else if (form.User is null)
        {
            await ProblemAnswer.Write(context, Problem.AccessDenied, form.HasPendingUser ? Refusals.UnknownError : Refusals.NoPendingUser);
        }
        else
        {
            var answer = await commits.Login(form.ToCommand(form.User, form.Client, stage, devices, tokens) with { Idempotency = idempotency, Actor = caller.Key?.Name });
            await Answer(context, answer, stage, form.User);
        }
    });

    private Task Answer(HttpContext context, LoginAnswer answer, StageInfo stage, UserFacts user) => answer.Login.Outcome switch
    {
        LoginOutcome.LoggedIn =>
            JsonAnswer.Write(context, StatusCodes.Status201Created, answer, Fill),
        LoginOutcome.AccessDenied => ProblemAnswer.Write(context, Problem.AccessDenied, Refusals.UnknownError),
        LoginOutcome.ChallengeRequired => ProblemAnswer.Write(
            context, Problem.ChallengeRequired, "The stage asks whether to stay signed in: send remember_me.",
            more: writer =>
            {
                writer.WriteStartObject("challenge"u8);
                ChallengeJson.WriteMembers(writer, stage.Name, site.Options.LoginUrl, user);
                writer.WriteEndObject();
            }),
        LoginOutcome.SessionLimit => ProblemAnswer.Write(context, Problem.SessionLimit, "End a session first."),
        LoginOutcome.IdempotencyKeyReused => IdempotencyKey.Reused(context),
        _ => throw new InvalidOperationException($"A login ended as {answer.Login.Outcome}."),
    };

    private void Fill(Utf8JsonWriter writer, LoginAnswer answer)
    {
        writer.WriteStartObject();
        LoginAnswers.WriteMembers(writer, answer, answers.Cookies(answer));
        writer.WriteEndObject();
    }
}
