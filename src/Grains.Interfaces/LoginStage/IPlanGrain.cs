namespace SessionCluster.LoginStage;

/// <summary>
/// One plan, durable from its creation. It is open for <see cref="Lifetime"/> and until a login used it up; challenges, wrong
/// answers and refused logins do not. It does not log in itself: the caller asks the user's grain, with the plan's id as key and as
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

    /// <summary>Uses the plan up, after its login is committed and told. Idempotent.</summary>
    [Alias("use")]
    Task Use();
}
