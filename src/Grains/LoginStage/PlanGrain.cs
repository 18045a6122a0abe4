namespace SessionCluster.LoginStage;

/// <summary>The plan grain: each change is one conditional write of its row.</summary>
[GrainType("plan")]
public sealed class PlanGrain(
    [PersistentState(PlanV1.StateName, "states")] IPersistentState<PlanV1> row, TimeProvider time) : Grain, IPlanGrain
{
    public Task<bool> Create(PlanInfo plan) =>
        Change((_, now) => row.RecordExists ? null : new PlanV1 { Created = now, Expires = now + IPlanGrain.Lifetime, Plan = plan });

    public Task<PlanInfo?> Find() =>
        Task.FromResult(row.RecordExists && row.State.IsOpen(time.GetUtcNow()) ? row.State.Plan : null);

    public async Task<PlanInfo?> RedeemCode()
    {
        var redeemed = await Change((plan, now) => row.RecordExists && plan.CodeIsGood(now) ? plan with { CodeRedeemed = true } : null);
        return redeemed ? row.State.Plan : null;
    }

    public Task Use() => Change((plan, _) => row.RecordExists && !plan.Used ? plan with { Used = true } : null);

    private Task<bool> Change(Func<PlanV1, DateTimeOffset, PlanV1?> decide) =>
        row.Change(() => decide(row.State, UnixMicros.Truncate(time.GetUtcNow())), DeactivateOnIdle);
}
