namespace SessionCluster.Users;

/// <summary>
/// The only way to change a user's sessions: commit in the user's grain, tell the ended sessions, and only then have an answer. So no
/// endpoint, grain or sweeper can answer before an ending is effective.
/// </summary>
/// <param name="grains">The grains.</param>
public sealed class CommitThenTell(IGrainFactory grains)
{
    /// <summary>Ends sessions; null when the idempotency key was used with another request.</summary>
    public async Task<Receipt?> End(UserId user, EndCommand command)
    {
        var grain = grains.GetGrain<IUserGrain>(user.GrainKey);
        var result = await grain.End(command);
        return result.IsDone ? await grain.Tell(result.Ending) : null;
    }

    /// <summary>Activates or deactivates a user; null when the idempotency key was used with another request.</summary>
    public async Task<Receipt?> SetActive(UserId user, SetActiveCommand command)
    {
        var grain = grains.GetGrain<IUserGrain>(user.GrainKey);
        var result = await grain.SetActive(command);
        return result.IsDone ? await grain.Tell(result.Ending) : null;
    }

    /// <summary>
    /// Logs in. The browser's session of another user is in another ledger: when all else is well it is ended first, effective
    /// everywhere, and the login is then made.
    /// </summary>
    public async Task<LoginAnswer> Login(LoginCommand command)
    {
        var grain = grains.GetGrain<IUserGrain>(command.User.Id.GrainKey);
        var previous = await FindOtherUsers(command);
        var result = await grain.Login(command with { PreviousIsOtherUsers = previous is not null });
        if (result.Outcome == LoginOutcome.EndOtherUsersSessionFirst && previous is not null)
        {
            await End(previous.User.Id, Replaced(previous.Id, command.Client, command.Actor));
            result = await grain.Login(command with { PreviousIsOtherUsers = false });
        }

        var receipt = result.Ending is { NeedsTelling: true } ending ? await grain.Tell(ending) : null;
        return new LoginAnswer(result, receipt is { Ended.Length: > 0 } ? receipt : null);
    }

    /// <summary>Ends a session that a browser had besides the one that its login replaced; whoever's it was.</summary>
    public async Task Replace(SessionId session, ClientFacts client)
    {
        if (await grains.GetGrain<ISessionGrain>(session.GrainKey).Describe() is { } live)
        {
            await End(live.User.Id, Replaced(live.Id, client, actor: null));
        }
    }

    private async Task<SessionInfo?> FindOtherUsers(LoginCommand command)
    {
        if (command.PreviousSession is not { } previous)
        {
            return null;
        }

        var session = await grains.GetGrain<ISessionGrain>(previous.GrainKey).Describe();
        return session is not null && session.User.Id != command.User.Id ? session : null;
    }

    private static EndCommand Replaced(SessionId session, ClientFacts client, string? actor) =>
        new([session], null, EndReason.ReplacedByLogin, null, client, null, null, actor);
}

/// <summary>How a login went, once it is effective.</summary>
/// <param name="Login">The user grain's answer.</param>
/// <param name="Receipt">The receipt of the sessions that it ended; null when it ended none.</param>
public sealed record LoginAnswer(LoginResult Login, Receipt? Receipt);
