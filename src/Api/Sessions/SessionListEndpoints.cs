using SessionCluster.Api.Answers;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Clients;
using SessionCluster.Api.Commits;
using SessionCluster.Api.Input;
using SessionCluster.Api.Paging;
using SessionCluster.Api.Problems;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Sessions;

/// <summary><c>/api/v3/core/authenticated_sessions/</c>: see and end sessions, as authentik has it.</summary>
internal sealed class SessionListEndpoints(IGrainFactory grains, CommitThenTell commits, ConnectionClient connection)
{
    private static readonly ReadOnlyMemory<byte> EmptyArray = "[]"u8.ToArray();

    /// <summary>The list: a person sees their own sessions, the role read sees all.</summary>
    public async Task List(HttpContext context, Caller caller)
    {
        var errors = new FieldErrors();
        var page = PageRequest.Read(context.Request.Query, errors);
        var query = SessionFilters.Read(context.Request.Query, page ?? new PageRequest(1, 1), errors);
        if (errors.Any)
        {
            await ProblemAnswer.Invalid(context, errors);
            return;
        }

        if (page is not { } wanted)
        {
            await PageRequest.NoSuchPage(context);
            return;
        }

        var found = await Search(query, caller);
        var current = caller.Session?.Id;
        await PageAnswer.Write(context, wanted, found.Count, found.Sessions, (writer, session) =>
            SessionJson.Write(writer, session, session.Id == current, caller.IsService));
    }

    /// <summary>One session.</summary>
    public async Task Get(HttpContext context, Caller caller)
    {
        if (await Find(context, caller) is { } session)
        {
            await JsonAnswer.Write(context, StatusCodes.Status200OK, (session, caller), static (writer, state) =>
                SessionJson.Write(writer, state.session, state.session.Id == state.caller.Session?.Id, state.caller.IsService));
        }
        else
        {
            await NoSuchSession(context);
        }
    }

    /// <summary>What uses a session: nothing.</summary>
    public async Task UsedBy(HttpContext context, Caller caller) =>
        await (await Find(context, caller) is null
            ? NoSuchSession(context)
            : JsonAnswer.WriteRaw(context, StatusCodes.Status200OK, EmptyArray));

    /// <summary>Ends one session.</summary>
    public async Task Delete(HttpContext context, Caller caller)
    {
        var idempotency = IdempotencyKey.Read(context, caller, [], out var faultyKey);
        if (faultyKey is not null)
        {
            await IdempotencyKey.Faulty(context, faultyKey);
            return;
        }

        if (!SessionId.TryParse(context.Request.RouteValues["uuid"] as string, out var id)
            || await grains.GetGrain<ISessionGrain>(id.GrainKey).Owner() is not { } owner
            || !(caller.IsService || caller.Owns(owner)))
        {
            await NoSuchSession(context);
            return;
        }

        // Asked of the user also when the session has ended: a repeat finds its answer there, and a 404 waits for what another
        // call has just ended.
        var why = caller.IsService ? EndReason.RevokedByAdmin : EndReason.RevokedByOwner;
        var receipt = await commits.End(owner, new EndCommand([id], null, why, null, connection.Facts(context), null, idempotency, caller.Key?.Name));
        if (receipt is null)
        {
            await IdempotencyKey.Reused(context);
        }
        else if (receipt.Ended.Contains(id))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        else
        {
            await NoSuchSession(context);
        }
    }

    private static Task NoSuchSession(HttpContext context) =>
        ProblemAnswer.Write(context, Problem.NotFound, "There is no such live session.");

    private async Task<SessionPage> Search(SessionQuery query, Caller caller)
    {
        if (caller.Session is { } own)
        {
            if (query.User is { } other && other != own.User.Id)
            {
                return new SessionPage(0, []);
            }

            query = query with { User = own.User.Id };
        }

        return await Reader().Search(query);
    }

    // Another user's session does not exist for a person.
    private async Task<SessionInfo?> Find(HttpContext context, Caller caller)
    {
        if (!SessionId.TryParse(context.Request.RouteValues["uuid"] as string, out var id))
        {
            return null;
        }

        var session = await Reader().Find(id);
        return session is not null && (caller.IsService || caller.Owns(session.User.Id)) ? session : null;
    }

    private ISessionListGrain Reader() => grains.GetGrain<ISessionListGrain>(ISessionListGrain.KeyFor(ReaderShards.Pick()));
}

/// <summary>Spreads callers over a few stateless readers.</summary>
internal static class ReaderShards
{
    private const int Count = 8;

    public static int Pick() => Environment.CurrentManagedThreadId % Count;
}
