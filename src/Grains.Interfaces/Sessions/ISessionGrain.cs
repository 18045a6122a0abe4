using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Sessions;

/// <summary>
/// One session. Answers from memory while it holds a lease from its user's grain (docs/correctness.md), asks there otherwise.
/// It updates its own row and never inserts or clears one.
/// </summary>
[Alias("sc.session"), GrainInterfaceType(GrainLookup.SessionName)]
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>
    /// Checks the session for one use: expiry, idle timeout, binding. A broken binding ends the session, and is answered only
    /// after that is committed. Not idempotent in effect (the last accepted address moves), safe to repeat.
    /// </summary>
    [Alias("validate")]
    Task<ValidateResult> Validate(ValidateCommand command);

    /// <summary>The live session without using it: no expiry is prolonged, no address checked. Null when it is not live.</summary>
    [Alias("describe")]
    Task<SessionInfo?> Describe();

    /// <summary>
    /// Whose session it is, live or ended less than 24 hours ago: a repeated request finds its answer with its user. Null when it
    /// was never seen, or ended longer ago.
    /// </summary>
    [Alias("owner")]
    Task<UserId?> Owner();

    /// <summary>
    /// Replaces the front end's data. False when the session is not live (a late update changes nothing). Returns once no edge holds a share
    /// from before, so that whoever checks after the answer sees the new data.
    /// </summary>
    [Alias("set-data")]
    Task<bool> SetData(string? dataJson);

    /// <summary>Ends the session if it is idle by its own memory, which knows later uses than the stored row; whether it did.</summary>
    [Alias("end-if-idle")]
    Task<bool> EndIfIdle();

    /// <summary>
    /// Told by the user's grain after the commit. Memory only, sticky: no later lease revives the session. Returns once no edge holds a share
    /// of it any more; a second call waits like the first.
    /// </summary>
    [Alias("ended"), AlwaysInterleave]
    Task Ended();
}

/// <summary>One use of a session.</summary>
/// <param name="Client">Where the use comes from.</param>
/// <param name="Edge">The process that asks, if it can hold a share of the session's lease; null for one that asks each time.</param>
[GenerateSerializer, Immutable, Alias("sc.validate-command")]
public sealed record ValidateCommand([property: Id(0)] ClientFacts Client, [property: Id(1)] EdgeQuestion? Edge = null);

/// <summary>The state of a session as a caller learns it. New values: teach every reader before a writer sends one.</summary>
public enum SessionStatus
{
    /// <summary>Live.</summary>
    Active = 0,

    /// <summary>Never seen, or ended more than 24 hours ago.</summary>
    Unknown = 1,

    /// <summary>Past its absolute end.</summary>
    Expired = 2,

    /// <summary>Not used for the idle timeout.</summary>
    Idle = 3,

    /// <summary>Ended by a logout, a revocation, the cap, or another login.</summary>
    Revoked = 4,

    /// <summary>Its user was deactivated.</summary>
    UserInactive = 5,

    /// <summary>Used from outside its binding.</summary>
    BindingBroken = 6,
}

/// <summary>The answer of a check.</summary>
/// <param name="Status">Live, or why not.</param>
/// <param name="Session">The session; present exactly when <paramref name="Status"/> is <see cref="SessionStatus.Active"/>.</param>
/// <param name="Binding">The broken binding; present exactly when that is the reason.</param>
/// <param name="Share">
/// How long the asking edge may answer by itself for this very address, counted from before it asked; zero when it may not.
/// </param>
[GenerateSerializer, Immutable, Alias("sc.validate-result")]
public sealed record ValidateResult(
    [property: Id(0)] SessionStatus Status,
    [property: Id(1)] SessionInfo? Session,
    [property: Id(2)] BindingBreak? Binding,
    [property: Id(3)] TimeSpan Share = default)
{
    /// <summary>Whether the session may be used.</summary>
    [MemberNotNullWhen(true, nameof(Session))]
    public bool IsActive => Status == SessionStatus.Active;
}
