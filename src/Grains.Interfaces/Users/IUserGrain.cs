using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Users;

/// <summary>
/// One user: the only place where sessions of that user begin and end (docs/correctness.md). Each change is one conditional
/// write of the user's ledger that carries the sessions created, those ended and the events. A deciding turn calls no other grain.
/// Users exist by being named: every call is right on a user never seen before.
/// </summary>
[Alias("sc.user"), GrainInterfaceType(GrainLookup.UserName)]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>Runs the User Login stage and commits the session, or says why not. Call <see cref="Tell"/> with its ending.</summary>
    [Alias("login")]
    Task<LoginResult> Login(LoginCommand command);

    /// <summary>Ends sessions. Idempotent: those already ended are not ended again. Call <see cref="Tell"/> with the ending.</summary>
    [Alias("end")]
    Task<EndResult> End(EndCommand command);

    /// <summary>The ending that an earlier request with this key made; null when there was none. Call <see cref="Tell"/> with it.</summary>
    [Alias("find-ending")]
    Task<Ending?> FindEnding(Idempotency key);

    /// <summary>Activates or deactivates the user; deactivation ends all sessions in the same commit.</summary>
    [Alias("set-active")]
    Task<EndResult> SetActive(SetActiveCommand command);

    /// <summary>Grants a session grain a lease, or says that the session is not live.</summary>
    [Alias("confirm")]
    Task<Confirmation> Confirm(ConfirmCommand command);

    /// <summary>
    /// Makes a committed ending effective: tells the sessions that may hold a lease, or waits their leases out, and returns
    /// when no node can accept one of them any more. Reads nothing but its argument; safe to repeat.
    /// </summary>
    [Alias("tell"), AlwaysInterleave]
    Task<Receipt> Tell(Ending ending);

    /// <summary>The user's facts and counts.</summary>
    [Alias("describe")]
    Task<UserInfo> Describe();

    /// <summary>The devices that the user is known on, latest login first.</summary>
    [Alias("devices")]
    Task<ImmutableArray<DeviceInfo>> Devices();

    /// <summary>Forgets a device. False when the user is not known on it.</summary>
    [Alias("forget-device")]
    Task<bool> ForgetDevice(DeviceId device);
}

/// <summary>What is known of a user.</summary>
/// <param name="Id">The user.</param>
/// <param name="Active">False while deactivated: no login succeeds.</param>
/// <param name="Revision">Number of committed changes; 0 for a user never seen.</param>
/// <param name="Sessions">Live sessions.</param>
/// <param name="Devices">Known devices.</param>
[GenerateSerializer, Immutable, Alias("sc.user-info")]
public sealed record UserInfo(
    [property: Id(0)] UserId Id,
    [property: Id(1)] bool Active,
    [property: Id(2)] long Revision,
    [property: Id(3)] int Sessions,
    [property: Id(4)] int Devices);

/// <summary>A session grain asks whether its session is live, and tells its last accepted address on the way.</summary>
/// <param name="Session">The session.</param>
/// <param name="LastIp">Its last accepted address.</param>
[GenerateSerializer, Immutable, Alias("sc.confirm-command")]
public sealed record ConfirmCommand([property: Id(0)] SessionId Session, [property: Id(1)] string LastIp);

/// <summary>The answer to a session grain's question.</summary>
/// <param name="Live">True: a lease of the configured length, counted from before the question was sent.</param>
/// <param name="IsExpired">True where it is not live because it is past its end, which nothing has stored yet.</param>
[GenerateSerializer, Immutable, Alias("sc.confirmation")]
public sealed record Confirmation([property: Id(0)] bool Live, [property: Id(2)] bool IsExpired = false);

/// <summary>A caller's promise that repeats of a request carry the same key (header Idempotency-Key). Kept 24 hours; bounded per user.</summary>
/// <param name="Key">Any text that names the request; over HTTP a hash of the caller's scope, path and header.</param>
/// <param name="Body">What must be equal for a repeat, else it is refused; over HTTP a hash of query and body.</param>
/// <param name="Once">
/// True for a key that counts once, such as a mail's link: newer answers never push it out for 24 hours. A user can have
/// <c>Ledger.MaxAnswers</c> of them; the next is refused.
/// </param>
[GenerateSerializer, Immutable, Alias("sc.idempotency")]
public sealed record Idempotency([property: Id(0)] string Key, [property: Id(1)] string Body, [property: Id(2)] bool Once = false) : Sensitive;

/// <summary>Ends sessions of one user.</summary>
/// <param name="Sessions">The sessions to end, or null for all of them. Those that are not live are passed over.</param>
/// <param name="Reason">Why. <see cref="EndReason.Expired"/> ends only sessions that are past their end.</param>
/// <param name="Except">The one to spare when all are ended.</param>
/// <param name="ReasonText">The caller's own words for the event's logout_reason; null, blank ones and another reason's words give the standard ones.</param>
/// <param name="Client">Who asked, for the event; null when the server itself did (sweeper).</param>
/// <param name="Binding">The broken binding, when that is the reason.</param>
/// <param name="Idempotency">The key of a repeatable request, or null.</param>
/// <param name="Actor">The name of the api key that asked, for the events; null when no service did.</param>
/// <param name="ForgetDevicesOf">The moment of a login: devices that may have been its own are forgotten in the same commit. Null for none.</param>
[GenerateSerializer, Immutable, Alias("sc.end-command")]
public sealed record EndCommand(
    [property: Id(0)] ImmutableArray<SessionId>? Sessions,
    [property: Id(2)] EndReason Reason,
    [property: Id(1)] SessionId? Except = null,
    [property: Id(3)] string? ReasonText = null,
    [property: Id(4)] ClientFacts? Client = null,
    [property: Id(5)] BindingBreak? Binding = null,
    [property: Id(6)] Idempotency? Idempotency = null,
    [property: Id(7)] string? Actor = null,
    [property: Id(8)] DateTimeOffset? ForgetDevicesOf = null) : Sensitive;

/// <summary>Sets whether a user may log in.</summary>
/// <param name="Active">False ends every session in the same commit and refuses logins from then on.</param>
/// <param name="Client">Who asked, for the events.</param>
/// <param name="Idempotency">The key of a repeatable request, or null.</param>
/// <param name="Actor">The name of the api key that asked, for the events; null when no service did.</param>
/// <param name="Named">The user as an earlier event names them, for the event of a user without a live session; null when the caller knows none.</param>
[GenerateSerializer, Immutable, Alias("sc.set-active-command")]
public sealed record SetActiveCommand(
    [property: Id(0)] bool Active,
    [property: Id(1)] ClientFacts? Client,
    [property: Id(2)] Idempotency? Idempotency,
    [property: Id(3)] string? Actor = null,
    [property: Id(4)] UserFacts? Named = null);

/// <summary>The answer of an ending.</summary>
/// <param name="Ending">The commit, or null when the idempotency key was used with another body, or may not be used, and nothing was done.</param>
/// <param name="IsRepeat">True when an earlier request with the same key did it, and this one changed nothing.</param>
[GenerateSerializer, Immutable, Alias("sc.end-result")]
public sealed record EndResult([property: Id(0)] Ending? Ending, [property: Id(1)] bool IsRepeat = false)
{
    /// <summary>False when the idempotency key was used with another body, or may not be used.</summary>
    [MemberNotNullWhen(true, nameof(Ending))]
    public bool IsDone => Ending is not null;
}
