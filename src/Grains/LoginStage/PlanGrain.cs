using SessionCluster.Storage;

namespace SessionCluster.LoginStage;

/// <summary>The plan grain: each change is one conditional write of its row.</summary>
[GrainType("plan")]
public sealed class PlanGrain(
    [PersistentState(PlanV1.StateName, "states")] IPersistentState<PlanV1> row, TimeProvider time) : Grain, IPlanGrain
{
    private const int MaxAttempts = 3;

    /// <inheritdoc/>
    public async Task<bool> Create(PlanInfo plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return await Change((_, now) => row.RecordExists ? null : PlanV1.Of(plan, now));
    }

    /// <inheritdoc/>
    public Task<PlanInfo?> Find() =>
        Task.FromResult(row.RecordExists && row.State.IsOpen(time.GetUtcNow()) ? row.State.ToInfo() : null);

    /// <inheritdoc/>
    public async Task<PlanInfo?> RedeemCode()
    {
        var redeemed = await Change((plan, now) => row.RecordExists && plan.CodeIsGood(now) ? plan with { CodeRedeemed = true } : null);
        return redeemed ? row.State.ToInfo() : null;
    }

    /// <inheritdoc/>
    public Task Use() => Change((plan, _) => row.RecordExists && !plan.Used ? plan with { Used = true } : null);

    /// <summary>Decides and stores; after a version conflict on the row as it is then. False when nothing was to be changed.</summary>
    private async Task<bool> Change(Func<PlanV1, DateTimeOffset, PlanV1?> decide)
    {
        var before = row.State;
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (decide(before, UnixMicros.Truncate(time.GetUtcNow())) is not { } next)
                {
                    return false;
                }

                if (await TryStore(next, last: attempt == MaxAttempts))
                {
                    return true;
                }

                before = row.State;
            }
        }
        catch
        {
            // Whether the write took effect is unknown: the next activation reads what is stored.
            row.State = before;
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>Stores the row; false after a version conflict, with the stored row read again.</summary>
    private async Task<bool> TryStore(PlanV1 next, bool last)
    {
        try
        {
            row.State = next;
            await row.WriteStateAsync();
            return true;
        }
        catch (InconsistentStateException) when (!last)
        {
            await row.ReadStateAsync();
            return false;
        }
    }
}
