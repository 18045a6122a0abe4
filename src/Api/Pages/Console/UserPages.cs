namespace SessionCluster.Api.Pages.Console;

/// <summary>
/// <c>/admin/users/</c>: users by the beginning of their name or key, or a field for the whole key where a key may not read. <c>/admin/users/{pk}/</c>: a user's sessions, devices and events; end all,
/// deactivate, activate.
/// </summary>
internal sealed class UserPages(IGrainFactory grains, CommitThenTell commits, ConnectionClient connection, ConsoleGate gate, TimeProvider time)
{
    // /admin/users/{pk}/...
    private const int Segment = 2;

    private const int MostEvents = 12;

    private const int PageSize = 50;

    public Task List(HttpContext context, ApiKey key) => key.Roles.HasFlag(Roles.Read) ? Search(context, key) : Find(context, key);

    private Task Find(HttpContext context, ApiKey key)
    {
        var typed = context.Request.Query["pk"].ToString().Trim();
        if (UserId.TryParse(typed, out var user))
        {
            PageWriter.See(context, Links.User(UserFacts.Unnamed(user)));
            return Task.CompletedTask;
        }

        var fault = typed.Length > 0 ? $"It must be {UserId.Rule}." : null;
        var model = new UserFindModel(typed, fault, gate.FrameOf(key, fault is null ? "Users" : "Error: Users", ConsolePlace.Users));
        return PageWriter.Write(context, UserFind.Create(model), fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private async Task Search(HttpContext context, ApiKey key)
    {
        const string Home = "/admin/users/?";
        const string ByKey = "pk";
        var errors = new FieldErrors();
        var reader = new QueryReader(context.Request.Query, errors);
        var (prefix, after, ordering) = (reader.Text("search") ?? "", reader.Text("after"), reader.Text("ordering") ?? "username");
        if (errors.Any || ordering is not (ByKey or "username"))
        {
            await ErrorPage.Write(context, Problem.InvalidRequest);
            return;
        }

        var order = ordering == ByKey ? UserOrder.Key : UserOrder.Name;
        var page = await grains.SessionList().Users(new UserQuery(order, prefix, after, PageSize));
        var sameSearch = Home + (prefix.Length > 0 ? $"search={Uri.EscapeDataString(prefix)}&" : "");
        var first = $"{sameSearch}ordering={ordering}";
        var last = page.Users.LastOrDefault()?.User;
        var next = page.HasMore ? $"{first}&after={Uri.EscapeDataString(order == UserOrder.Key ? last!.Id.Value : last!.Username)}" : null;
        var model = new UsersModel(
            page, prefix, new Sorting(ordering, sameSearch), after is null ? null : first, next, time.GetUtcNow(), gate.FrameOf(key, "Users", ConsolePlace.Users));
        await PageWriter.Write(context, UserList.Create(model));
    }

    public Task Get(HttpContext context, ApiKey key) => Of(context, user => Show(context, key, user, null, null));

    public Task EndAll(HttpContext context, ApiKey key) => Of(context, async user =>
    {
        var reason = ConsolePages.Reason((await FormFields.Read(context)).One("reason"));
        var command = new EndCommand(Sessions: null, EndReason.RevokedByAdmin, ReasonText: reason, Client: connection.Facts(context), Actor: key.Name);
        await Show(context, key, user, await commits.End(user, command), "All sessions have ended, everywhere.");
    });

    public Task Deactivate(HttpContext context, ApiKey key) => SetActive(context, key, active: false, "The user is deactivated: all sessions have ended, and no login succeeds.");

    /// <summary>Lets the user log in again.</summary>
    public Task Activate(HttpContext context, ApiKey key) => SetActive(context, key, active: true, "The user is active: logins succeed again.");

    private Task SetActive(HttpContext context, ApiKey key, bool active, string done) => Of(context, async user =>
    {
        var command = new SetActiveCommand(active, connection.Facts(context), null, key.Name, await NameOf(context, user));
        await Show(context, key, user, await commits.SetActive(user, command), done);
    });

    /// <summary>The user as events name them, for the event of one who has no session any more. Nothing waits for a log that cannot be read.</summary>
    private async Task<UserFacts?> NameOf(HttpContext context, UserId user)
    {
        try
        {
            return Linked(context, user) is { } linked ? (await grains.EventsOf(linked).WaitAsync(TimeSpan.FromSeconds(1))).FirstOrDefault()?.Event.User : null;
        }
        catch (Exception exception) when (Outage.Of(exception, isQuestion: true) is not null)
        {
            return null;
        }
    }

    /// <summary>The user by the name that a link gives, which counts only where the events have it; null without one.</summary>
    private static UserFacts? Linked(HttpContext context, UserId user) =>
        context.Request.Query["username"].ToString() is { Length: > 0 } named ? new UserFacts(user, named, "", "") : null;

    private static Task Of(HttpContext context, Func<UserId, Task> page) =>
        UserId.TryParse(PathSegment.Read(context, Segment), out var user) ? page(user) : ErrorPage.Write(context, Problem.NotFound);

    private async Task Show(HttpContext context, ApiKey key, UserId user, Receipt? receipt, string? done)
    {
        var (grain, now) = (grains.User(user), time.GetUtcNow());
        var canRead = key.Roles.HasFlag(Roles.Read);
        var (info, devices, sessions) = (await grain.Describe(), key.Roles.HasFlag(Roles.Manage) ? await grain.Devices() : [], canRead ? await grains.SessionsOf(user) : new SessionPage(0, []));
        var facts = sessions.Sessions.Length > 0 ? sessions.Sessions[0].User : Linked(context, user);
        var events = facts is not null && canRead ? await grains.EventsOf(facts) : [];
        facts = events.FirstOrDefault()?.Event.User ?? (sessions.Sessions.Length > 0 ? facts : null);
        var model = new UserModel(
            info, facts, new SessionTable(sessions.Sessions, now, HasUser: false), devices, [.. events.Take(MostEvents)],
            receipt is { Ended.Length: > 0 } ? receipt : null, done, now, gate.FrameOf(key, "User", ConsolePlace.Users));
        await PageWriter.Write(context, User.Create(model with { Frame = model.Frame with { Title = $"User {CallerText.Isolated(model.Name)}" } }));
    }
}
