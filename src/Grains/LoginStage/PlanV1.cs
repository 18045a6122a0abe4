namespace SessionCluster.LoginStage;

/// <summary>The stored row of a plan. It stays until it is over, so that a used plan is known as used.</summary>
public sealed record PlanV1
{
    /// <summary>The state name that plan grains store under.</summary>
    public const string StateName = "plan";

    public int Schema { get; init => field = StateJson.KnownSchema(value); } = 1;

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Expires { get; init; }

    public bool CodeRedeemed { get; init; }

    public bool Used { get; init; }

    public PlanInfo? Plan { get; init; }

    /// <summary>Whether the plan can be answered.</summary>
    public bool IsOpen(DateTimeOffset now) => !Used && now < Expires;

    /// <summary>Whether its one-time code can be exchanged.</summary>
    public bool CodeIsGood(DateTimeOffset now) => IsOpen(now) && !CodeRedeemed && now < Created + IPlanGrain.CodeLifetime;
}
