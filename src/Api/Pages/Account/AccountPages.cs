namespace SessionCluster.Api.Pages.Account;

/// <summary><c>/account/sessions/</c> and its forms: a person looks at their own sessions and ends them.</summary>
internal sealed class AccountPages(
    IGrainFactory grains, NotMePages notMe, CommitThenTell commits, ConnectionClient connection, SiteCookies cookies, PublicSite site, TimeProvider time, IOptions<PageOptions> options)
{
    private const string Home = "/account/sessions/";

    private const int MostSignIns = 15;

    private const int MostNames = 8;

    private static readonly TimeSpan SignInsOf = TimeSpan.FromDays(30);

    private static readonly TimeSpan WarnFor = TimeSpan.FromDays(7);

    public async Task List(HttpContext context, SessionInfo current)
    {
        var now = time.GetUtcNow();
        var sessions = grains.SessionsOf(current.User.Id);
        var devices = grains.User(current.User.Id).Devices();
        var notifications = grains.Notifications(current.User.Id).List();
        var live = await sessions;
        var events = await Events(current, live);
        var ids = live.Sessions.Select(session => session.Id).Append(current.Id).ToHashSet();
        var signIns = SignIn.Read(
            [.. events.Where(entry => entry.Event.Action == EventActions.Login)], [.. events.Where(entry => entry.Event.Action == EventActions.Logout)], ids, now - SignInsOf, MostSignIns);
        if (live.Count > live.Sessions.Length)
        {
            signIns = [.. await Task.WhenAll(signIns.Select(WithLiveness))];
        }

        var others = live.Sessions.Where(session => session.Id != current.Id).Select(session => new SessionRow(session, now, IsCurrent: false)).ToList();
        var warning = signIns.FirstOrDefault(signIn =>
            signIn is { IsUnusual: true, IsLive: true } && signIn.Facts.Event.Session != current.Id && now - signIn.Facts.Event.Created < WarnFor);
        var model = new AccountModel(
            new SessionRow(current, now, IsCurrent: true), others, Math.Max(others.Count, live.Count - 1), await devices, signIns, warning, Done(context), now,
            FrameOf(current, "Your sessions") with
            {
                Content = "column",
                IsLive = true,
                Foot = "Times are UTC. Places are worked out from network addresses and can be off by a town or more.",
            })
        {
            Unseen = (await notifications).Count(notification => !notification.Seen),
        };
        await PageWriter.Write(context, Sessions.Create(model), formTargets: site.FormTargets);
    }

    // The log is read by a user's name. Who was renamed signed in under another one, which live sessions still have.
    private async Task<List<EventFacts>> Events(SessionInfo current, SessionPage live)
    {
        var names = live.Sessions.Select(session => session.User.Username).Prepend(current.User.Username).Distinct().Take(MostNames);
        var events = await Task.WhenAll(names.Select(name => grains.EventsOf(current.User with { Username = name }, EventActions.Login, EventActions.Logout)));
        return [.. events.SelectMany(those => those).OrderByDescending(entry => entry.Event.Created)];
    }

    // A session that is live and not among those used last, of which alone the page has a list.
    private async Task<SignIn> WithLiveness(SignIn signIn) =>
        signIn is { IsLive: false, Ending: "", Facts.Event.Session: { } session } && await grains.SessionList().Find(session) is not null
            ? signIn with { IsLive = true }
            : signIn;

    public async Task End(HttpContext context, SessionInfo current)
    {
        if (!PathSegment.TrySession(context, out var id) || !await EndOwn(context, current, [id], except: null))
        {
            await Gone(context);
            return;
        }

        PageWriter.See(context, id == current.Id ? Home : Home + "?done=ended");
    }

    public async Task AskOthers(HttpContext context, SessionInfo current)
    {
        var (now, live) = (time.GetUtcNow(), await grains.SessionsOf(current.User.Id));
        var others = live.Sessions.Where(session => session.Id != current.Id).Select(session => new SessionRow(session, now, IsCurrent: false)).ToList();
        if (others.Count == 0)
        {
            PageWriter.See(context, Home);
            return;
        }

        var model = new EndOthersModel(
            new SessionRow(current, now, IsCurrent: true), others, Math.Max(others.Count, live.Count - 1), FrameOf(current, "End all other sessions?"));
        await PageWriter.Write(context, Account.EndOthers.Create(model), formTargets: site.FormTargets);
    }

    public Task EndOthers(HttpContext context, SessionInfo current) => FromItsPage(context, current, async () =>
    {
        await EndOwn(context, current, sessions: null, except: current.Id);
        PageWriter.See(context, Home + "?done=others");
    });

    /// <summary>Shows a sign-in that the person does not know.</summary>
    public Task AskNotMe(HttpContext context, SessionInfo current) => OfOther(context, current, async other =>
    {
        // Where it began, and not where it was used last; events are not kept for ever.
        var login = (await grains.EventsOf(other.Id)).Find(entry => entry.Event.Action == EventActions.Login);
        await notMe.AskAbout(
            context, login is null ? NotMeLogin.Of(other) : NotMeLogin.Of(login), new SessionRow(other, time.GetUtcNow(), IsCurrent: false).NotMeUrl);
    });

    /// <summary>Ends all sessions, this one included, and forgets the device of a sign-in that was somebody else's.</summary>
    public Task EndNotMe(HttpContext context, SessionInfo current) =>
        OfOther(context, current, other => notMe.End(context, NotMeLogin.Of(other), setCookie: cookies.ClearSession()), isChange: true);

    /// <summary>Forgets a known device.</summary>
    public async Task Forget(HttpContext context, SessionInfo current)
    {
        if (!PathSegment.TryDevice(context, out var device) || !await grains.User(current.User.Id).ForgetDevice(device))
        {
            await Gone(context);
            return;
        }

        PageWriter.See(context, Home + "?done=forgotten");
    }

    public Task SignOut(HttpContext context, SessionInfo current) => FromItsPage(context, current, async () =>
    {
        await commits.End(current.User.Id, new EndCommand([current.Id], EndReason.LoggedOut, Client: connection.Facts(context)));
        context.Response.Headers.Append("Set-Cookie", cookies.ClearSession());
        PageWriter.See(context, "/");
    });

    // A page that stayed open while somebody else signed in in this browser may not act on the sessions of theirs. A form that names a session
    // needs no such look: it is nobody else's. What is left forgets a device of this browser, or marks notifications as seen.
    private static async Task FromItsPage(HttpContext context, SessionInfo current, Func<Task> change)
    {
        var session = (await FormFields.Read(context)).One("session");
        await (session == current.Id.ToString()
            ? change()
            : Gone(context, "Somebody signed in in this browser since you opened the page, which was that of another sign-in. Nothing was changed."));
    }

    // The session of the address, if it is live, the person's own, and not the one that they use.
    private async Task OfOther(HttpContext context, SessionInfo current, Func<SessionInfo, Task> page, bool isChange = false)
    {
        var other = PathSegment.TrySession(context, out var id) && id != current.Id ? await grains.SessionList().Find(id) : null;
        if (other is null && isChange)
        {
            // What another call has just ended is said to be gone when it is so everywhere.
            await EndOwn(context, current, [id], except: current.Id);
        }

        await (other is not null && other.User.Id == current.User.Id ? page(other) : Gone(context));
    }

    private static Task Gone(
        HttpContext context, string why = "What you wanted to change is not there any more: it may have ended by itself, or you ended it elsewhere. Nothing was changed.") => ErrorPage.Write(
        context, StatusCodes.Status409Conflict, "It changed meanwhile", why,
        (Home, "Your sessions"), ("/", "Start page"));

    // The words are ours: a link can choose one of them, and not what it says.
    private static string? Done(HttpContext context) => context.Request.Query["done"].ToString() switch
    {
        "ended" => "The session has ended, everywhere.",
        "others" => "All your other sessions have ended, everywhere.",
        "forgotten" => "The device is forgotten. Its next sign-in counts as one from a new device.",
        _ => null,
    };

    private async Task<bool> EndOwn(HttpContext context, SessionInfo current, ImmutableArray<SessionId>? sessions, SessionId? except)
    {
        var command = new EndCommand(sessions, EndReason.RevokedByOwner, Except: except, Client: connection.Facts(context));
        return await commits.End(current.User.Id, command) is { Ended.Length: > 0 };
    }

    /// <summary>What stands around a page of a person.</summary>
    internal Frame FrameOf(SessionInfo current, string title) => new(title)
    {
        Brand = options.Value.Brand,
        Content = "centre",
        Who = Frame.NameOf(current.User, current.User.Name),
        WhoElse = current.User is { Name: "", Username: "" } ? null : current.User.Email,
        SignOut = "/account/signout/",
        Session = current.Id,
    };
}
