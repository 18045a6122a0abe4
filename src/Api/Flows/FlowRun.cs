namespace SessionCluster.Api.Flows;

/// <summary>
/// Runs a plan's stage. The login goes to the user's grain under the plan's id, as key of a repeatable request and as the new
/// session's id, whatever the answer to the prompt: of answers that race, and of a repeat after a crash, the first commit counts
/// for all. Only then is the plan used up.
/// </summary>
internal sealed class FlowRun(IGrainFactory grains, CommitThenTell commits, DeviceCookies devices, SiteCookies cookies, ConnectionClient connection)
{
    private const string SameRequest = "plan";

    /// <summary>The plan while it can be answered under a flow's name; else null and the refusal.</summary>
    public async Task<(OpenPlan? Open, FlowAnswer? Refusal)> Open(PlanId? id, string slug)
    {
        var plan = id is { } named ? await grains.Plan(named).Find() : null;
        if (plan is null || plan.FlowSlug != slug)
        {
            return (null, FlowAnswer.Denied(null, Refusals.NoPendingUser));
        }

        if (plan.Login is not { } login)
        {
            return (null, FlowAnswer.Denied(null, plan.HasPendingUser ? Refusals.UnknownError : Refusals.NoPendingUser));
        }

        var stage = await grains.Stage(login.Stage.Pk);
        return login.IsActive && stage is not null
            ? (new OpenPlan(id!.Value, plan, login with { Stage = stage }), null)
            : (null, FlowAnswer.Denied(login.User, Refusals.UnknownError));
    }

    /// <summary>The plan of a one-time code, exchanged now; null when the code is not good (any more) for this flow.</summary>
    public async Task<PlanInfo?> Redeem(PlanId id, string slug)
    {
        var grain = grains.Plan(id);
        return await grain.Find() is { } plan && plan.FlowSlug == slug ? await grain.RedeemCode() : null;
    }

    /// <summary>Ends a plan without a login: its person is not who sits there.</summary>
    public Task Cancel(OpenPlan open) => grains.Plan(open.Id).Use();

    /// <summary>Runs the stage.</summary>
    /// <param name="rememberMe">The answer to the prompt; null when there is none (yet).</param>
    /// <param name="credential">Its credentials: the browser's session, if it has one, is replaced.</param>
    public async Task<FlowAnswer> Answer(OpenPlan open, bool? rememberMe, HttpContext context, Credential credential)
    {
        SessionId? browsers = credential.Kind == CredentialKind.Session && credential.Session != open.Id.Session ? credential.Session : null;
        // The one that the login's own commit ends makes room under the cap: it must be live, and this user's.
        var isOwn = browsers is { } id && await AskAgainException.Repeat(grains.Session(id).Describe) is { } live && live.User.Id == open.User.Id;
        var command = Command(open, rememberMe, context, credential, isOwn ? browsers : open.Login.PreviousSession ?? browsers);
        var login = await commits.Login(command);
        switch (login.Login.Outcome)
        {
            case LoginOutcome.LoggedIn:
                // The login's own commit ends one of them, and where it is repeated none.
                SessionId?[] had = [browsers, open.Login.PreviousSession];
                foreach (var other in had.OfType<SessionId>().Where(had => had != open.Id.Session && login.Receipt?.Ended.Contains(had) != true).Distinct())
                {
                    await StorageUnavailableException.AfterCommit(commits.Replace(other, command.Client, command.Actor));
                }

                await StorageUnavailableException.AfterCommit(grains.Plan(open.Id).Use());
                return new FlowAnswer(FlowAnswerKind.LoggedIn, open.User, "", open.Plan.Next, login);
            case LoginOutcome.ChallengeRequired:
                return new FlowAnswer(FlowAnswerKind.Challenge, open.User, "", "", null);
            case LoginOutcome.SessionLimit:
                return FlowAnswer.Denied(open.User, Refusals.SessionLimit);
            case LoginOutcome.AccessDenied:
                return FlowAnswer.Denied(open.User, Refusals.UnknownError);
            default:
                throw new InvalidOperationException($"A plan's login ended as {login.Login.Outcome}.");
        }
    }

    private LoginCommand Command(OpenPlan open, bool? rememberMe, HttpContext context, Credential credential, SessionId? previous) => open.Login with
    {
        RememberMe = rememberMe,
        Client = Client(open.Login.Client, context, credential),
        Device = open.Login.Device ?? devices.Read(context.Request.Cookies[cookies.DeviceName]),
        PreviousSession = previous,
        Idempotency = new Idempotency($"plan:{open.Id}", SameRequest),
        NewSession = open.Id.Session,
        Actor = credential.Key?.Name,
    };

    // What the front end said counts. What it left out, a browser that answers itself tells; a service's own agent is not the user's.
    private ClientFacts Client(ClientFacts told, HttpContext context, Credential credential)
    {
        if (credential.Kind == CredentialKind.Service)
        {
            return told;
        }

        var seen = connection.Facts(context);
        return told with
        {
            UserAgent = Either(told.UserAgent, seen.UserAgent),
            Method = Either(told.Method, seen.Method),
            Path = Either(told.Path, seen.Path),
        };
    }

    private static string Either(string told, string seen) => told.Length > 0 ? told : seen;
}
