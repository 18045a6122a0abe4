namespace SessionCluster.Api.Users;

/// <summary>Users: their state, and the end of their sessions.</summary>
internal static class UserRoutes
{
    private const string Root = "/api/v3/users/{pk}/";

    public static void MapUsers(this Routes routes)
    {
        var users = routes.Make<UserEndpoints>();
        routes.Get(Root, Access.ServiceOrSession(Roles.Read | Roles.Manage), UserPath.Of(users.Get));
        routes.Post(Root + "sessions/revoke/", Access.ServiceOrSession(Roles.Manage), UserPath.Of(users.Revoke));
        routes.Post(Root + "activate/", Access.Service(Roles.Manage), UserPath.Of(users.Activate));
        routes.Post(Root + "deactivate/", Access.Service(Roles.Manage), UserPath.Of(users.Deactivate));
    }
}

/// <summary><c>/api/v3/users/{pk}/</c>: a user's state, and the ending of all their sessions. Users exist by being named.</summary>
internal sealed class UserEndpoints(IGrainFactory grains, CommitThenTell commits, ConnectionClient connection)
{
    private const int MaxReason = 255;

    /// <summary>The user's state and counts.</summary>
    public async Task Get(HttpContext context, Caller caller, UserId user)
    {
        var info = await grains.User(user).Describe();
        await JsonAnswer.Write(context, StatusCodes.Status200OK, info, Fill);
    }

    /// <summary>Ends all sessions of the user but one.</summary>
    public Task Revoke(HttpContext context, Caller caller, UserId user) => BodyReader.With(context, body =>
    {
        var text = body.Root.OptionalText("except", MaxReason);
        SessionId? except = SessionId.TryParse(text, out var spared) ? spared : null;
        body.Errors.Require(text is null || except is not null, "except", "Must be a session's UUID.");
        var reason = body.Root.OptionalText("reason", MaxReason);
        var idempotency = IdempotencyKey.Read(context, caller, body.Bytes, body.Errors);
        var why = caller.IsService ? EndReason.RevokedByAdmin : EndReason.RevokedByOwner;
        return new EndCommand(Sessions: null, why, Except: except, ReasonText: reason, Client: connection.Facts(context), Idempotency: idempotency, Actor: caller.Key?.Name);
    }, async command => await ReceiptAnswer.Write(context, await commits.End(user, command)), optional: true);

    /// <summary>Lets the user log in again.</summary>
    public Task Activate(HttpContext context, Caller caller, UserId user) => SetActive(context, caller, user, active: true);

    /// <summary>Ends all sessions of the user and refuses logins from then on.</summary>
    public Task Deactivate(HttpContext context, Caller caller, UserId user) => SetActive(context, caller, user, active: false);

    private static void Fill(Utf8JsonWriter writer, UserInfo info)
    {
        writer.WriteStartObject();
        writer.WriteUserPk("pk"u8, info.Id);
        writer.WriteBoolean("active"u8, info.Active);
        writer.WriteNumber("revision"u8, info.Revision);
        writer.WriteNumber("sessions"u8, info.Sessions);
        writer.WriteNumber("devices"u8, info.Devices);
        writer.WriteEndObject();
    }

    private Task SetActive(HttpContext context, Caller caller, UserId user, bool active) => BodyReader.With(
        context,
        body => new SetActiveCommand(active, connection.Facts(context), IdempotencyKey.Read(context, caller, body.Bytes, body.Errors), caller.Key?.Name),
        async command => await ReceiptAnswer.Write(context, await commits.SetActive(user, command)),
        optional: true);
}

internal static class UserPath
{
    // /api/v3/users/{pk}/...
    private const int Segment = 3;

    /// <summary>Wraps an endpoint about a user: 400 when the key in the path is not valid, 403 when a session asks about somebody else.</summary>
    public static Func<HttpContext, Caller, Task> Of(Func<HttpContext, Caller, UserId, Task> endpoint) => (context, caller) =>
        !UserId.TryParse(PathSegment.Read(context, Segment), out var user)
            ? ProblemAnswer.Invalid(context, "pk", $"Must be {UserId.Rule}.")
            : caller.IsService || caller.Owns(user)
                ? endpoint(context, caller, user)
                : ProblemAnswer.Write(context, Problem.Forbidden, "A session may speak for its own user only.");
}
