using System.Collections.Immutable;

namespace SessionCluster.LoginStage;

/// <summary>
/// The catalog grain. Reads interleave with a write, so they answer from the last catalog known to be stored, never from the
/// state that is on its way. Each change is stored with its event, which is then appended to the log; what a crash keeps from there is
/// appended at the next change or activation.
/// </summary>
[GrainType("stages")]
public sealed class StageCatalogGrain(
    [PersistentState(StageCatalogV1.StateName, "states")] IPersistentState<StageCatalogV1> row, IEventRows events, IIdSource ids, TimeProvider time)
    : Grain, IStageCatalogGrain
{
    private static readonly ChangedBy Nobody = new(null, null);

    private StageCatalog _committed = null!;

    /// <summary>The event of the last change, while it may not be in the log yet.</summary>
    private EventV1? _untold;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Take();
        try
        {
            await Tell();
        }
        catch (StorageUnavailableException)
        {
            // Stages can be read nevertheless; the next change tries again.
        }
    }

    public Task<StageInfo?> Find(string nameOrPk) => Task.FromResult(_committed.Find(nameOrPk));

    public Task<ImmutableArray<StageInfo>> List() => Task.FromResult(_committed.Stages);

    public Task<StageSaveOutcome> Save(StageSave save) => Change(catalog => catalog.Save(save), save.Stage.Pk, save.By);

    public Task<bool> Delete(Guid pk, ChangedBy by) => Change(catalog => catalog.Delete(pk), pk, by);

    private async Task<TAnswer> Change<TAnswer>(Func<StageCatalog, (TAnswer Answer, StageCatalog? Next)> decide, Guid pk, ChangedBy? by)
    {
        await Tell();
        var answer = await row.Change(
            () =>
            {
                var (answer, next) = decide(_committed);
                return ValueTask.FromResult(new Decision<StageCatalogV1, TAnswer>(next is null ? null : WithEvent(next, pk, by ?? Nobody), answer));
            },
            committed: _ => Take(),
            reload: async (_, _) =>
            {
                await row.ReadStateAsync();
                Take();
                await Tell();
            },
            // Whether the write took effect is unknown: the next activation reads what is stored.
            fail: (_, _) => DeactivateOnIdle());
        await Tell();
        return answer;
    }

    private StageCatalogV1 WithEvent(StageCatalog next, Guid pk, ChangedBy by) => next.ToRow() with
    {
        Event = ModelEvents.StageChanged(ids.NewId(), _committed.Find(pk.ToString("D")), next.Find(pk.ToString("D")), by, UnixMicros.Truncate(time.GetUtcNow())),
    };

    private void Take() => (_committed, _untold) = (StageCatalog.Of(row.State, row.RecordExists), row.State.Event);

    /// <summary>Appends the event of the last change before another takes its place.</summary>
    private async Task Tell()
    {
        if (_untold is { } entry)
        {
            await events.Append(entry);
            _untold = null;
        }
    }
}
