namespace SessionCluster.Api.Sessions;

/// <summary><c>POST /api/v3/sessions/</c>: a whole login in one call.</summary>
internal sealed class LoginEndpoint(LoginForms forms, CommitThenTell commits, LoginAnswers answers, PublicSite site)
{
    public Task Login(HttpContext context, Caller caller) => BodyReader.With(context, async body =>
    {
        var form = await forms.Read(body, context);
        var idempotency = IdempotencyKey.Read(context, caller, body.Bytes, body.Errors);
        if (body.Errors.Any)
        {
            await ProblemAnswer.Invalid(context, body.Errors);
        }
        else if (form.Login is { } login)
        {
            await Answer(context, await commits.Login(login with { Idempotency = idempotency, Actor = caller.Key?.Name }), login.Stage, login.User);
        }
        else
        {
            await ProblemAnswer.Write(context, Problem.AccessDenied, form.HasPendingUser ? Refusals.UnknownError : Refusals.NoPendingUser);
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
