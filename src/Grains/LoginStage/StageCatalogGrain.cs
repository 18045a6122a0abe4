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
    private StageCatalog _committed = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Take();
        return Task.CompletedTask;
    }

    public Task<StageInfo?> Find(string nameOrPk) => Task.FromResult(_committed.Find(nameOrPk));

    public Task<ImmutableArray<StageInfo>> List() => Task.FromResult(_committed.Stages);

    public Task<StageSaveOutcome> Save(StageSave save) => Change(catalog => catalog.Save(save));

    public Task<bool> Delete(Guid pk) => Change(catalog => catalog.Delete(pk));

    private Task<TAnswer> Change<TAnswer>(Func<StageCatalog, (TAnswer Answer, StageCatalog? Next)> decide) => row.Change(
        () =>
        {
            var (answer, next) = decide(_committed);
            return ValueTask.FromResult(new Decision<StageCatalogV1, TAnswer>(next?.ToRow(), answer));
        },
        committed: _ => Take(),
        reload: async (_, _) =>
        {
            await row.ReadStateAsync();
            Take();
        },
        // Whether the write took effect is unknown: the next activation reads what is stored.
        fail: (_, _) => DeactivateOnIdle());

    private void Take() => _committed = StageCatalog.Of(row.State, row.RecordExists);
}
