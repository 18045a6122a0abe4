using SessionCluster.Devices;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.LoginStage;

/// <summary>A login that waits for the browser: all that a front end said of it before the stage runs.</summary>
/// <param name="FlowSlug">The flow that the plan belongs to; it is answered under that name only.</param>
/// <param name="Stage">Primary key of the stage, which is read when the plan is answered.</param>
/// <param name="User">The pending user; null when there is none, or none that is stored anywhere.</param>
/// <param name="HasPendingUser">Whether a pending user was named at all.</param>
/// <param name="IsActive">What the front end says of the user.</param>
/// <param name="Client">Where the login comes from.</param>
/// <param name="Device">The device cookie that the browser already had, if its MAC was right.</param>
/// <param name="PreviousSession">The session that the browser already had, if its token was right.</param>
/// <param name="AuthMethod">How the user proved who they are.</param>
/// <param name="AuthMethodArgsJson">The front end's auth_method_args as the text of a JSON object, secrets already masked.</param>
/// <param name="KnownDevice">The front end's own verdict on the device; null when it gave none.</param>
/// <param name="Source">Name of the source the user came from, if any.</param>
/// <param name="Next">Where the browser goes afterwards; checked when the plan was made.</param>
/// <param name="DataJson">The front end's own data as JSON text, or null.</param>
[GenerateSerializer, Immutable, Alias("sc.plan-info")]
public sealed record PlanInfo(
    [property: Id(0)] string FlowSlug,
    [property: Id(1)] Guid Stage,
    [property: Id(2)] UserFacts? User,
    [property: Id(3)] bool HasPendingUser,
    [property: Id(4)] bool IsActive,
    [property: Id(5)] ClientFacts Client,
    [property: Id(6)] DeviceCookieClaim? Device,
    [property: Id(7)] SessionId? PreviousSession,
    [property: Id(8)] string AuthMethod,
    [property: Id(9)] string AuthMethodArgsJson,
    [property: Id(10)] bool? KnownDevice,
    [property: Id(11)] string? Source,
    [property: Id(12)] string Next,
    [property: Id(13)] string? DataJson);
