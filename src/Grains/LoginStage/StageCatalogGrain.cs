namespace SessionCluster.LoginStage;

/// <summary>The catalog grain, a <see cref="StoredCatalog{TRow, TCatalog}"/>.</summary>
[GrainType(GrainLookup.StagesName)]
public sealed class StageCatalogGrain(
    [PersistentState(StageCatalogV1.StateName, "states")] IPersistentState<StageCatalogV1> row, IEventRows events, IIdSource ids, TimeProvider time)
    : Grain, IStageCatalogGrain
{
    private static readonly ChangedBy Nobody = new(null, null);

    private readonly StoredCatalog<StageCatalogV1, StageCatalog> _catalog = new(row, events, StageCatalog.Of);

    public override Task OnActivateAsync(CancellationToken cancellationToken) => _catalog.Activate(this);

    public Task<StageInfo?> Find(string nameOrPk) => Task.FromResult(_catalog.Committed.Find(nameOrPk));

    public Task<ImmutableArray<StageInfo>> List() => Task.FromResult(_catalog.Committed.Stages);

    public Task<StageSaveOutcome> Save(StageSave save) => Change(catalog => catalog.Save(save), save.Stage.Pk, save.By);

    public Task<bool> Delete(Guid pk, ChangedBy by) => Change(catalog => catalog.Delete(pk), pk, by);

    private Task<TAnswer> Change<TAnswer>(Func<StageCatalog, (TAnswer Answer, StageCatalog? Next)> decide, Guid pk, ChangedBy? by) => _catalog.Change(
        decide,
        next => next.ToRow() with
        {
            Event = ModelEvents.Changed(
                ids, StageOf(_catalog.Committed, pk), StageOf(next, pk), by ?? Nobody, UnixMicros.Truncate(time.GetUtcNow())),
        });

    /// <summary>By its key alone: a name may be the key of another stage.</summary>
    private static StageInfo? StageOf(StageCatalog catalog, Guid pk) => catalog.Stages.FirstOrDefault(stage => stage.Pk == pk);
}
