namespace SessionCluster.Users;

/// <summary>
/// The only way to change a user's sessions: commit in the user's grain, tell the ended sessions, and only then have an answer. So no
/// endpoint, grain or sweeper can answer before an ending is effective.
/// </summary>
/// <param name="grains">The grains.</param>
public sealed class CommitThenTell(IGrainFactory grains)
{
    /// <summary>Ends sessions; null when the idempotency key was used with another request.</summary>
    public async Task<Receipt?> End(UserId user, EndCommand command) => (await EndOnce(user, command)).Receipt;

    /// <summary>The same, and whether an earlier request with the same key did it: its receipt comes again, and nothing was changed.</summary>
    public async Task<(Receipt? Receipt, bool IsRepeat)> EndOnce(UserId user, EndCommand command)
    {
        var grain = grains.User(user);
        var result = await grain.End(command);
        return (result.IsDone ? await Tell(grain, result.Ending) : null, result.IsRepeat);
    }

    /// <summary>The receipt of the ending that an earlier request with this key made; null when there was none. Nothing is changed.</summary>
    public async Task<Receipt?> FindReceipt(UserId user, Idempotency key)
    {
        var grain = grains.User(user);
        return await grain.FindEnding(key) is { } ending ? await grain.Tell(ending) : null;
    }

    /// <summary>Ends one session, no matter whose. Its user is asked also when it has ended: the answer waits for what another call has just ended.</summary>
    public async Task End(SessionId session, EndCommand command)
    {
        if (await Owner(session) is { } user)
        {
            await End(user, command);
        }
    }

    /// <summary>Activates or deactivates a user; null when the idempotency key was used with another request.</summary>
    public async Task<Receipt?> SetActive(UserId user, SetActiveCommand command)
    {
        var grain = grains.User(user);
        var result = await grain.SetActive(command);
        return result.IsDone ? await Tell(grain, result.Ending) : null;
    }

    /// <summary>
    /// Logs in. The browser's session of another user is in another ledger: when all else is well it is ended first, effective
    /// everywhere, and the login is then made.
    /// </summary>
    public async Task<LoginAnswer> Login(LoginCommand command)
    {
        var grain = grains.User(command.User.Id);
        var other = command.PreviousSession is { } previous && await Owner(previous) is { } owner && owner != command.User.Id ? previous : default(SessionId?);
        var result = await grain.Login(command with { PreviousIsOtherUsers = other is not null });
        if (result.Outcome == LoginOutcome.EndOtherUsersSessionFirst && other is { } first)
        {
            await End(first, Replaced(first, command.Client, command.Actor));
            result = await StorageUnavailableException.AfterCommit(grain.Login(command with { PreviousIsOtherUsers = false }));
        }

        var receipt = result.Ending is { NeedsTelling: true } ending ? await Tell(grain, ending) : null;
        return new LoginAnswer(result, receipt is { Ended.Length: > 0 } ? receipt : null);
    }

    /// <summary>Ends a session that a browser had besides the one that its login replaced, no matter whose it was.</summary>
    public Task Replace(SessionId session, ClientFacts client, string? actor) => End(session, Replaced(session, client, actor));

    private static Task<Receipt> Tell(IUserGrain grain, Ending ending) => StorageUnavailableException.AfterCommit(grain.Tell(ending));

    private Task<UserId?> Owner(SessionId session) => grains.Session(session).Owner();

    private static EndCommand Replaced(SessionId session, ClientFacts client, string? actor) =>
        new([session], EndReason.ReplacedByLogin, Client: client, Actor: actor);
}

/// <summary>How a login went, once it is effective.</summary>
/// <param name="Login">The user grain's answer.</param>
/// <param name="Receipt">The receipt of the sessions that it ended; null when it ended none.</param>
public sealed record LoginAnswer(LoginResult Login, Receipt? Receipt);
