namespace SessionCluster.LoginStage;

/// <summary>
/// One plan, durable from its creation. It is open for <see cref="Lifetime"/>, until a login or the user's refusal uses it up; challenges,
/// wrong answers and refused logins do not. It does not log in itself: the caller asks the user's grain, with the plan's id as key and as
/// the session's id, and reports the success here. So answers that race, or are repeated after a crash between the two, find the
/// one session that there is.
/// </summary>
[Alias("sc.plan")]
public interface IPlanGrain : IGrainWithStringKey
{
    /// <summary>How long a plan is open.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>How long its one-time code is good, counted from the plan's creation.</summary>
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromSeconds(60);

    /// <summary>Stores the plan. False when the key has one already; nothing is changed then.</summary>
    [Alias("create")]
    Task<bool> Create(PlanInfo plan);

    /// <summary>The plan while it is open; null when it is unknown, used up or over.</summary>
    [Alias("find")]
    Task<PlanInfo?> Find();

    /// <summary>Exchanges the one-time code: the plan at the first call within <see cref="CodeLifetime"/>, null ever after.</summary>
    [Alias("redeem-code")]
    Task<PlanInfo?> RedeemCode();

    /// <summary>Uses the plan up, after its login is committed and told, or when the user refuses it. Idempotent.</summary>
    [Alias("use")]
    Task Use();
}

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
    [property: Id(13)] string? DataJson) : Sensitive;

/// <summary>
/// The id of a plan: 122 random bits. It answers nothing by itself: a plan's token is this id plus a MAC. The session that the
/// plan makes is born with the same id, so no plan can ever make two.
/// </summary>
/// <param name="Value">The UUID.</param>
[GenerateSerializer, Immutable, Alias("sc.plan-id")]
public readonly record struct PlanId([property: Id(0)] Guid Value)
{
    // 'p' is not a hex digit: Orleans' ADO.NET provider folds keys that read as numbers or GUIDs into one another.
    private const string KeyPrefix = "p:";

    /// <summary>The key of the plan's grain.</summary>
    public string GrainKey => $"{KeyPrefix}{Value:N}";

    /// <summary>The session that the plan makes.</summary>
    public SessionId Session => new(Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("D");
}
