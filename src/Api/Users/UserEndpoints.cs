using System.Text.Json;
using SessionCluster.Api.Answers;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Clients;
using SessionCluster.Api.Commits;
using SessionCluster.Api.Input;
using SessionCluster.Api.Problems;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Users;

/// <summary><c>/api/v3/users/{pk}/</c>: a user's state, and the ending of all their sessions. Users exist by being named.</summary>
internal sealed class UserEndpoints(IGrainFactory grains, CommitThenTell commits, ConnectionClient connection)
{
    private const int MaxReason = 255;

    /// <summary>The user's state and counts.</summary>
    public async Task Get(HttpContext context, Caller caller)
    {
        if (await UserPath.Read(context, caller) is not { } user)
        {
            return;
        }

        var info = await grains.GetGrain<IUserGrain>(user.GrainKey).Describe();
        await JsonAnswer.Write(context, StatusCodes.Status200OK, info, Fill);
    }

    /// <summary>Ends all sessions of the user but one.</summary>
    public async Task Revoke(HttpContext context, Caller caller)
    {
        if (await UserPath.Read(context, caller) is not { } user)
        {
            return;
        }

        using var body = await BodyReader.Read(context, optional: true);
        if (body is null)
        {
            return;
        }

        SessionId? except = null;
        if (body.Root.OptionalText("except", MaxReason) is { } text)
        {
            if (SessionId.TryParse(text, out var spared))
            {
                except = spared;
            }
            else
            {
                body.Errors.Add("except", "Must be a session's UUID.");
            }
        }

        var reason = body.Root.OptionalText("reason", MaxReason);
        var idempotency = ReadKey(context, caller, body);
        if (body.Errors.Any)
        {
            await ProblemAnswer.Invalid(context, body.Errors);
            return;
        }

        var why = caller.IsService ? EndReason.RevokedByAdmin : EndReason.RevokedByOwner;
        var command = new EndCommand(null, except, why, reason, connection.Facts(context), null, idempotency, caller.Key?.Name);
        await ReceiptAnswer.Write(context, await commits.End(user, command));
    }

    /// <summary>Lets the user log in again.</summary>
    public Task Activate(HttpContext context, Caller caller) => SetActive(context, caller, active: true);

    /// <summary>Ends all sessions of the user and refuses logins from then on.</summary>
    public Task Deactivate(HttpContext context, Caller caller) => SetActive(context, caller, active: false);

    private static Idempotency? ReadKey(HttpContext context, Caller caller, BodyReader body)
    {
        var idempotency = IdempotencyKey.Read(context, caller, body.Bytes, out var error);
        if (error is not null)
        {
            body.Errors.Add(IdempotencyKey.Header, error);
        }

        return idempotency;
    }

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

    private async Task SetActive(HttpContext context, Caller caller, bool active)
    {
        if (await UserPath.Read(context, caller) is not { } user)
        {
            return;
        }

        using var body = await BodyReader.Read(context, optional: true);
        if (body is null)
        {
            return;
        }

        var idempotency = ReadKey(context, caller, body);
        if (body.Errors.Any)
        {
            await ProblemAnswer.Invalid(context, body.Errors);
            return;
        }

        var receipt = await commits.SetActive(user, new SetActiveCommand(active, connection.Facts(context), idempotency, caller.Key?.Name));
        await ReceiptAnswer.Write(context, receipt);
    }
}

/// <summary>The user that a path names.</summary>
internal static class UserPath
{
    // /api/v3/users/{pk}/...
    private const int Segment = 3;

    /// <summary>The user; null when the caller may not speak for them or the key is none, in which case the request has been answered.</summary>
    public static async ValueTask<UserId?> Read(HttpContext context, Caller caller)
    {
        if (!UserId.TryParse(PathSegment.Read(context, Segment), out var user))
        {
            await ProblemAnswer.Invalid(context, "pk", $"Must have 1 to {UserId.MaxLength} characters.");
            return null;
        }

        if (!caller.IsService && !caller.Owns(user))
        {
            await ProblemAnswer.Write(context, Problem.Forbidden, "A session may speak for its own user only.");
            return null;
        }

        return user;
    }
}
