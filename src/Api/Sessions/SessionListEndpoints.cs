namespace SessionCluster.Api.Sessions;

/// <summary><c>/api/v3/core/authenticated_sessions/</c>: see and end sessions, as authentik has it.</summary>
internal sealed class SessionListEndpoints(IGrainFactory grains, CommitThenTell commits, ConnectionClient connection)
{
    /// <summary>Most users in one call.</summary>
    public const int MaxUsers = 100;

    /// <summary>Users at a time.</summary>
    private const int Batch = 10;

    private const string UsersField = "user_pks";

    /// <summary>The list: a person sees their own sessions, the role read sees all.</summary>
    public Task List(HttpContext context, Caller caller) => PageRequest.Answer(
        context,
        (page, errors) => SessionFilters.Read(context.Request.Query, page, errors),
        async (page, query) =>
        {
            var found = await Search(query, caller);
            var current = caller.Session?.Id;
            await PageAnswer.Write(context, page, found.Count, found.Sessions, (writer, session) =>
                SessionJson.Write(writer, session, session.Id == current, caller.IsService));
        });

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
            : JsonAnswer.WriteEmptyList(context));

    public async Task Delete(HttpContext context, Caller caller)
    {
        var errors = new FieldErrors();
        var idempotency = IdempotencyKey.Read(context, caller, [], errors);
        if (errors.Any)
        {
            await ProblemAnswer.Invalid(context, errors);
            return;
        }

        if (!PathSegment.TrySession(context, out var id)
            || await grains.Session(id).Owner() is not { } owner
            || !(caller.IsService || caller.Owns(owner)))
        {
            await NoSuchSession(context);
            return;
        }

        // Asked of the user also when the session has ended: a repeat finds its answer there, and a 404 waits for what another
        // call has just ended.
        var why = caller.IsService ? EndReason.RevokedByAdmin : EndReason.RevokedByOwner;
        var receipt = await commits.End(owner, new EndCommand([id], why, Client: connection.Facts(context), Idempotency: idempotency, Actor: caller.Key?.Name));
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

    /// <summary>
    /// Ends all sessions of up to 100 users. Atomic per user: when it fails on the way some users' sessions have ended and others' not;
    /// repeating it is safe.
    /// </summary>
    public async Task BulkDelete(HttpContext context, Caller caller)
    {
        var errors = new FieldErrors();
        var users = Users(context.Request.Query, errors);
        var idempotency = IdempotencyKey.Read(context, caller, [], errors);
        if (errors.Any)
        {
            await ProblemAnswer.Invalid(context, errors);
            return;
        }

        // The arguments name the other users, and each user may read their own events.
        var client = connection.Facts(context) with { ArgsJson = SecretMask.Empty };
        var command = new EndCommand(Sessions: null, EndReason.RevokedByAdmin, Client: client, Idempotency: idempotency, Actor: caller.Key?.Name);
        var deleted = 0;
        foreach (var batch in users.Chunk(Batch))
        {
            var ending = Task.WhenAll(batch.Select(user => commits.End(user, command)));
            var receipts = await (users.Count > 1 ? StorageUnavailableException.AfterCommit(ending) : ending);
            if (receipts.Any(receipt => receipt is null))
            {
                await IdempotencyKey.Reused(context, "Sessions of users for whom it is new have ended.");
                return;
            }

            deleted += receipts.Sum(receipt => receipt!.Ended.Length);
        }

        await JsonAnswer.Write(context, StatusCodes.Status200OK, new JsonObject { ["deleted"] = deleted });
    }

    private static Task NoSuchSession(HttpContext context) =>
        ProblemAnswer.Write(context, Problem.NotFound, "There is no such live session.");

    private static List<UserId> Users(IQueryCollection query, FieldErrors errors)
    {
        var texts = new QueryReader(query, errors).Many(UsersField, MaxUsers);
        List<UserId?> users = [.. texts.Distinct(StringComparer.Ordinal).Select(text => UserId.TryParse(text, out var user) ? user : (UserId?)null)];
        if (users.Contains(null))
        {
            errors.Add(UsersField, $"Each must be {UserId.Rule}.");
        }
        else if (texts.Count == 0 && !errors.Any)
        {
            errors.Add(UsersField, ObjectReader.Required);
        }

        return [.. users.OfType<UserId>()];
    }

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

        return await grains.SessionList().Search(query);
    }

    // Another user's session does not exist for a person.
    private async Task<SessionInfo?> Find(HttpContext context, Caller caller)
    {
        if (!PathSegment.TrySession(context, out var id))
        {
            return null;
        }

        var session = await grains.SessionList().Find(id);
        return session is not null && (caller.IsService || caller.Owns(session.User.Id)) ? session : null;
    }
}
