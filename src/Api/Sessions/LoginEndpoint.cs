using System.Text.Json;
using SessionCluster.Api.Answers;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Commits;
using SessionCluster.Api.Input;
using SessionCluster.Api.Problems;
using SessionCluster.Api.Site;
using SessionCluster.Api.Tokens;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Sessions;

/// <summary><c>POST /api/v3/sessions/</c>: a whole login in one call.</summary>
internal sealed class LoginEndpoint(
    IGrainFactory grains,
    Endings endings,
    SessionTokens tokens,
    DeviceCookies devices,
    SiteCookies cookies,
    PublicSite site)
{
    private const string NoPendingUser = "No Pending user to login.";

    // Said of every refusal of a user, so that it tells nothing about them.
    private const string UnknownError = "Unknown error";

    public async Task Login(HttpContext context, Caller caller)
    {
        using var body = await BodyReader.Read(context);
        if (body is null)
        {
            return;
        }

        var form = LoginForm.Read(body.Root, site.Redirects, context);
        var idempotency = IdempotencyKey.Read(context, caller, body.Bytes, out var faultyKey);
        if (faultyKey is not null)
        {
            body.Errors.Add(IdempotencyKey.Header, faultyKey);
        }

        var stage = form.Stage.Length == 0 ? null : await FindStage(form.Stage);
        if (stage is null && body.Errors.Of("stage").Count == 0)
        {
            body.Errors.Add("stage", "There is no such stage.");
        }

        if (body.Errors.Any || stage is null || form.Client is null)
        {
            await ProblemAnswer.Invalid(context, body.Errors);
        }
        else if (form.User is null)
        {
            await ProblemAnswer.Write(context, Problem.AccessDenied, form.HasPendingUser ? UnknownError : NoPendingUser);
        }
        else
        {
            var answer = await endings.Login(Command(form, form.User, form.Client, stage, idempotency));
            await Answer(context, answer, stage, form.User);
        }
    }

    private Task<StageInfo?> FindStage(string nameOrPk) =>
        grains.GetGrain<IStageCatalogGrain>(IStageCatalogGrain.Key).Find(nameOrPk);

    private LoginCommand Command(LoginForm form, UserFacts user, ClientFacts client, StageInfo stage, Idempotency? idempotency) => new(
        user,
        form.IsActive,
        stage,
        form.RememberMe,
        client,
        form.DeviceCookie is null ? null : devices.Read(form.DeviceCookie),
        tokens.TryRead(form.SessionToken, out var previous) ? previous : null,
        PreviousIsOtherUsers: false,
        form.Context.AuthMethod,
        form.Context.ArgsJson,
        form.Context.KnownDevice,
        form.Context.Source,
        form.DataJson,
        idempotency);

    private Task Answer(HttpContext context, LoginAnswer answer, StageInfo stage, UserFacts user) => answer.Login.Outcome switch
    {
        LoginOutcome.LoggedIn =>
            JsonAnswer.Write(context, StatusCodes.Status201Created, (endpoint: this, answer), static (writer, state) => state.endpoint.Fill(writer, state.answer)),
        LoginOutcome.AccessDenied => ProblemAnswer.Write(context, Problem.AccessDenied, UnknownError),
        LoginOutcome.ChallengeRequired => ProblemAnswer.Write(
            context, Problem.ChallengeRequired, "The stage asks whether to stay signed in: send remember_me.",
            more: writer => ChallengeJson.Write(writer, "challenge"u8, stage, user)),
        LoginOutcome.SessionLimit => ProblemAnswer.Write(context, Problem.SessionLimit, "End a session first."),
        LoginOutcome.IdempotencyKeyReused => IdempotencyKey.Reused(context),
        _ => throw new InvalidOperationException($"A login ended as {answer.Login.Outcome}."),
    };

    private void Fill(Utf8JsonWriter writer, LoginAnswer answer)
    {
        var session = answer.Login.Session!;
        var token = tokens.Issue(session.Id);
        // From the login on, not from the answer: so a repeat with the same Idempotency-Key is answered with the same text.
        var now = session.Created;
        writer.WriteStartObject();
        writer.WritePropertyName("session"u8);
        SessionJson.Write(writer, session, current: false, withData: true);
        writer.WriteString("token"u8, token);
        writer.WriteStartArray("cookies"u8);
        WriteCookie(writer, cookies.Session(session, token, now));
        if (answer.Login.DeviceCookie is { } claim)
        {
            WriteCookie(writer, cookies.Device(claim, devices.Issue(claim), now));
        }

        writer.WriteEndArray();
        writer.WriteBoolean("known_device"u8, session.KnownDevice);
        writer.WritePropertyName("receipt"u8);
        if (answer.Receipt is { } receipt)
        {
            writer.WriteReceipt(receipt);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteEndObject();
    }

    private static void WriteCookie(Utf8JsonWriter writer, SiteCookie cookie)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, cookie.Name);
        writer.WriteString("value"u8, cookie.Value);
        writer.WriteString("set_cookie"u8, cookie.SetCookie);
        writer.WriteEndObject();
    }
}
