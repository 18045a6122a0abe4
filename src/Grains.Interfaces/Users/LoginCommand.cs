using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Users;

/// <summary>A login: a pending user who has just proved who they are meets a User Login stage.</summary>
/// <param name="User">The pending user.</param>
/// <param name="IsActive">What the caller says of the user; false only refuses this login.</param>
/// <param name="Stage">The stage whose settings the session freezes.</param>
/// <param name="RememberMe">The answer to the prompt; null when it was not given. Ignored when the stage does not prompt.</param>
/// <param name="Client">Where the login comes from.</param>
/// <param name="Device">The device cookie that the browser already had, if its MAC was right.</param>
/// <param name="PreviousSession">The session that the browser already had, if its token was right; it is replaced.</param>
/// <param name="PreviousIsOtherUsers">
/// True when that session is live and another user's: it cannot end in this user's commit, so the caller must end it first.
/// </param>
/// <param name="AuthMethod">How the user proved who they are.</param>
/// <param name="AuthMethodArgsJson">The caller's auth_method_args as the text of a JSON object, secrets already masked.</param>
/// <param name="KnownDevice">The caller's own verdict on the device, which wins; null when it gave none.</param>
/// <param name="Source">Name of the source the user came from, if any.</param>
/// <param name="DataJson">The front end's own data as JSON text, at most Sessions:MaxData bytes, or null.</param>
/// <param name="Idempotency">The key of a repeatable request, or null.</param>
/// <param name="NewSession">
/// The id that the session gets, drawn by the caller; a login is refused when that id is or was a session within 24 hours, so one id
/// never makes two. Null: a new id is drawn.
/// </param>
/// <param name="Actor">The name of the api key that logs in, for the events of what the login ends; null when a browser itself does.</param>
[GenerateSerializer, Immutable, Alias("sc.login-command")]
public sealed record LoginCommand(
    [property: Id(0)] UserFacts User,
    [property: Id(1)] bool IsActive,
    [property: Id(2)] StageInfo Stage,
    [property: Id(3)] bool? RememberMe,
    [property: Id(4)] ClientFacts Client,
    [property: Id(5)] DeviceCookieClaim? Device,
    [property: Id(6)] SessionId? PreviousSession,
    [property: Id(7)] bool PreviousIsOtherUsers,
    [property: Id(8)] string AuthMethod,
    [property: Id(9)] string AuthMethodArgsJson,
    [property: Id(10)] bool? KnownDevice,
    [property: Id(11)] string? Source,
    [property: Id(12)] string? DataJson,
    [property: Id(13)] Idempotency? Idempotency,
    [property: Id(14)] SessionId? NewSession = null,
    [property: Id(15)] string? Actor = null) : Sensitive;

/// <summary>How a login went. New values: teach every reader before a writer sends one.</summary>
public enum LoginOutcome
{
    /// <summary>The session is committed.</summary>
    LoggedIn = 0,

    /// <summary>The user is inactive, by the caller's word or ours; nothing was written.</summary>
    AccessDenied = 1,

    /// <summary>The stage prompts and the answer is missing; nothing was written.</summary>
    ChallengeRequired = 2,

    /// <summary>The user has the most sessions allowed and the policy is to deny; nothing was written.</summary>
    SessionLimit = 3,

    /// <summary>The idempotency key was used with another body; nothing was written.</summary>
    IdempotencyKeyReused = 4,

    /// <summary>All would be well, but the browser's session of another user must end first; nothing was written.</summary>
    EndOtherUsersSessionFirst = 5,
}

/// <summary>The answer of a login.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Session">The new session; present exactly when <paramref name="Outcome"/> is <see cref="LoginOutcome.LoggedIn"/>.</param>
/// <param name="DeviceCookie">The device cookie to set, if the stage remembers devices.</param>
/// <param name="Ending">The commit, with the sessions it ended; present exactly with <paramref name="Session"/>.</param>
[GenerateSerializer, Immutable, Alias("sc.login-result")]
public sealed record LoginResult(
    [property: Id(0)] LoginOutcome Outcome,
    [property: Id(1)] SessionInfo? Session,
    [property: Id(2)] DeviceCookieClaim? DeviceCookie,
    [property: Id(3)] Ending? Ending)
{
    /// <summary>Whether a session came into being (or, for a repeat, had come into being).</summary>
    [MemberNotNullWhen(true, nameof(Session), nameof(Ending))]
    public bool IsLoggedIn => Outcome == LoginOutcome.LoggedIn;

    /// <summary>A refusal that wrote nothing.</summary>
    public static LoginResult Refused(LoginOutcome outcome) => new(outcome, null, null, null);
}
