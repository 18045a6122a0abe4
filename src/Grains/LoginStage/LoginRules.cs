namespace SessionCluster.LoginStage;

/// <summary>What the User Login stage decides before anything is written (docs/login-stage.md, steps 2 to 4).</summary>
public static class LoginRules
{
    /// <summary>The last moment that an expiry may name.</summary>
    public static readonly DateTimeOffset Latest = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The refusal of a login that may not go on, or null.</summary>
    public static LoginOutcome? Refusal(LoginCommand command, bool userInactive) =>
        !command.IsActive || userInactive ? LoginOutcome.AccessDenied
        : command.Stage.Prompts && command.RememberMe is null ? LoginOutcome.ChallengeRequired
        : null;

    /// <summary>
    /// How long the session lives. The offset is added when the user said yes to a prompt; a total of zero ends the session with
    /// the browser, and on the server after <paramref name="browserLifetime"/>.
    /// </summary>
    public static (DateTimeOffset Expires, bool EndsWithBrowser) Lifetime(
        StageInfo stage, bool? rememberMe, TimeSpan browserLifetime, DateTimeOffset now)
    {
        var expires = After(now, stage.SessionDuration.Value);
        if (rememberMe is true && stage.Prompts)
        {
            expires = After(expires, stage.RememberMeOffset.Value);
        }

        return expires > now ? (expires, false) : (After(now, browserLifetime), true);
    }

    /// <summary>A moment after another, capped at <see cref="Latest"/>.</summary>
    public static DateTimeOffset After(DateTimeOffset moment, TimeSpan length) =>
        length >= Latest - moment ? Latest : moment + length;
}
