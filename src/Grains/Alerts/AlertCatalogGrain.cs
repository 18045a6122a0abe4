namespace SessionCluster.Alerts;

/// <summary>
/// The catalog grain, in the way of <see cref="StageCatalogGrain"/>: reads interleave with a write and answer from the last catalog known
/// to be stored; each change is stored with its event, which is then appended to the log.
/// </summary>
[GrainType("alerts")]
public sealed class AlertCatalogGrain(
    [PersistentState(AlertCatalogV1.StateName, "states")] IPersistentState<AlertCatalogV1> row, IEventRows events, IAlertSender sender, IIdSource ids, TimeProvider time)
    : Grain, IAlertCatalogGrain
{
    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromSeconds(2);

    private AlertCatalog _committed = null!;

    /// <summary>The event of the last change, while it may not be in the log yet.</summary>
    private EventV1? _untold;

    private IGrainTimer? _tellsLater;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Take();
        await TryTell(cancellationToken);
    }

    public Task<AlertItems> Read() => Task.FromResult(_committed.Items);

    public Task<AlertSaveOutcome> Save(AlertSave save)
    {
        var pk = save.Transport?.Pk ?? save.Rule?.Pk ?? save.Matcher?.Pk ?? save.Binding?.Pk ?? Guid.Empty;
        return Change(catalog => catalog.Save(save, sender.HasMail), pk, save.By);
    }

    public Task<bool> Delete(Guid pk, ChangedBy by) => Change(catalog => catalog.Delete(pk), pk, by);

    private async Task<TAnswer> Change<TAnswer>(Func<AlertCatalog, (TAnswer Answer, AlertCatalog? Next)> decide, Guid pk, ChangedBy by)
    {
        await Tell();
        var answer = await row.Change(
            () =>
            {
                var (answer, next) = decide(_committed);
                return ValueTask.FromResult(new Decision<AlertCatalogV1, TAnswer>(next is null ? null : WithEvent(next, pk, by), answer));
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
        await TryTell(CancellationToken.None);
        return answer;
    }

    private AlertCatalogV1 WithEvent(AlertCatalog next, Guid pk, ChangedBy by) => next.ToRow() with
    {
        Event = AlertEvents.Changed(ids.NewId(), _committed.Find(pk), next.Find(pk), by, UnixMicros.Truncate(time.GetUtcNow())),
    };

    private void Take() => (_committed, _untold) = (AlertCatalog.Of(row.State, row.RecordExists), row.State.Event);

    private async Task Tell()
    {
        if (_untold is { } entry)
        {
            await events.Append(entry);
            _untold = null;
        }
    }

    /// <summary>The change is stored, and its event with it: where it cannot be appended now, it is soon.</summary>
    private async Task TryTell(CancellationToken stop)
    {
        try
        {
            await Tell();
            _tellsLater?.Dispose();
            _tellsLater = null;
        }
        catch (StorageUnavailableException)
        {
            _tellsLater ??= this.RegisterGrainTimer(TryTell, new GrainTimerCreationOptions { DueTime = TellAgainAfter, Period = TellAgainAfter, KeepAlive = true });
        }
    }
}
