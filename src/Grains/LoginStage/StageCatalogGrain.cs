using System.Collections.Immutable;

namespace SessionCluster.LoginStage;

/// <summary>
/// The catalog grain. Reads interleave with a write, so they answer from the last catalog known to be stored, never from the
/// state that is on its way.
/// </summary>
[GrainType("stages")]
public sealed class StageCatalogGrain(
    [PersistentState(StageCatalogV1.StateName, "states")] IPersistentState<StageCatalogV1> row) : Grain, IStageCatalogGrain
{
    private const int MaxAttempts = 3;

    private StageCatalog _committed = null!;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _committed = StageCatalog.Of(row.State, row.RecordExists);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<StageInfo?> Find(string nameOrPk) => Task.FromResult(_committed.Find(nameOrPk));

    /// <inheritdoc/>
    public Task<ImmutableArray<StageInfo>> List() => Task.FromResult(_committed.Stages);

    /// <inheritdoc/>
    public Task<StageSaveOutcome> Save(StageSave save) => Change(catalog => catalog.Save(save));

    /// <inheritdoc/>
    public Task<bool> Delete(Guid pk) => Change(catalog => catalog.Delete(pk));

    /// <summary>Decides and stores; after a version conflict on the row as it is then, three times at most.</summary>
    private async Task<TAnswer> Change<TAnswer>(Func<StageCatalog, (TAnswer Answer, StageCatalog? Next)> decide)
    {
        var before = row.State;
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var (answer, next) = decide(_committed);
                if (next is null || await TryStore(next, last: attempt == MaxAttempts))
                {
                    return answer;
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

    /// <summary>Stores a catalog; false after a version conflict, with the stored row read again.</summary>
    private async Task<bool> TryStore(StageCatalog next, bool last)
    {
        try
        {
            row.State = next.ToRow();
            await row.WriteStateAsync();
            _committed = next;
            return true;
        }
        catch (InconsistentStateException) when (!last)
        {
            await row.ReadStateAsync();
            _committed = StageCatalog.Of(row.State, row.RecordExists);
            return false;
        }
    }
}
