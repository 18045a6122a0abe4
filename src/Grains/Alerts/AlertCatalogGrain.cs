namespace SessionCluster.Alerts;

/// <summary>The catalog grain, a <see cref="StoredCatalog{TRow, TCatalog}"/>.</summary>
[GrainType("alerts")]
public sealed class AlertCatalogGrain(
    [PersistentState(AlertCatalogV1.StateName, "states")] IPersistentState<AlertCatalogV1> row, IEventRows events, IAlertSender sender, IIdSource ids, TimeProvider time)
    : Grain, IAlertCatalogGrain
{
    private readonly StoredCatalog<AlertCatalogV1, AlertCatalog> _catalog = new(row, events, AlertCatalog.Of);

    public override Task OnActivateAsync(CancellationToken cancellationToken) => _catalog.Activate(this);

    public Task<AlertItems> Read() => Task.FromResult(_catalog.Committed.Items);

    public Task<AlertSaveOutcome> Save(AlertSave save)
    {
        var pk = save.Transport?.Pk ?? save.Rule?.Pk ?? save.Matcher?.Pk ?? save.Binding?.Pk ?? Guid.Empty;
        return Change(catalog => catalog.Save(save, sender.HasMail), pk, save.By);
    }

    public Task<bool> Delete(Guid pk, ChangedBy by) => Change(catalog => catalog.Delete(pk), pk, by);

    private Task<TAnswer> Change<TAnswer>(Func<AlertCatalog, (TAnswer Answer, AlertCatalog? Next)> decide, Guid pk, ChangedBy by) => _catalog.Change(
        decide,
        next => next.ToRow() with
        {
            Event = ModelEvents.Changed(ids, _catalog.Committed.Find(pk), next.Find(pk), by, UnixMicros.Truncate(time.GetUtcNow())),
        });
}
