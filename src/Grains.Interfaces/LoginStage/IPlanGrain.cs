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
/// <param name="HasPendingUser">Whether a pending user was named at all.</param>
/// <param name="Next">Where the browser goes afterwards; checked when the plan was made.</param>
/// <param name="Login">
/// The login as far as the front end told it; null when there is no pending user, or none that is stored anywhere. Its stage is read anew
/// when the plan is answered.
/// </param>
[GenerateSerializer, Immutable, Alias("sc.plan-info")]
public sealed record PlanInfo(
    [property: Id(0)] string FlowSlug,
    [property: Id(1)] bool HasPendingUser,
    [property: Id(2)] string Next,
    [property: Id(3)] LoginCommand? Login) : Sensitive;

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
