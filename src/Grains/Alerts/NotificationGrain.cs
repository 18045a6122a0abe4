namespace SessionCluster.Alerts;

/// <summary>The grain of a user's local notifications: each change is one conditional write of its row.</summary>
[GrainType("notifications")]
public sealed class NotificationGrain(
    [PersistentState(NotificationsV1.StateName, "states")] IPersistentState<NotificationsV1> row) : Grain, INotificationGrain
{
    public Task<ImmutableArray<NotificationInfo>> List() => Task.FromResult(row.State.Notifications);

    public Task Add(NotificationInfo notification) => Change(all => all.Any(known => known.Pk == notification.Pk)
        ? all
        : [.. all.Prepend(notification).OrderByDescending(known => known.Created).Take(INotificationGrain.Most)]);

    public Task Mark(Guid? pk, bool seen) => Change(all => all.Any(known => (pk is null || known.Pk == pk) && known.Seen != seen)
        ? [.. all.Select(known => pk is null || known.Pk == pk ? known with { Seen = seen } : known)]
        : all);

    public Task Remove(Guid pk) => Change(all => all.Any(known => known.Pk == pk) ? all.RemoveAll(known => known.Pk == pk) : all);

    // An unchanged list is the same array, and is not written.
    private Task<bool> Change(Func<ImmutableArray<NotificationInfo>, ImmutableArray<NotificationInfo>> change) => row.Change(
        () => change(row.State.Notifications) is var next && next != row.State.Notifications ? row.State with { Notifications = next } : null,
        DeactivateOnIdle);
}

/// <summary>The stored row of a user's notifications.</summary>
public sealed record NotificationsV1
{
    /// <summary>The state name that it is stored under.</summary>
    public const string StateName = "notifications";

    public int Schema { get; init => field = StateJson.KnownSchema(value); } = 1;

    /// <summary>The newest first.</summary>
    public ImmutableArray<NotificationInfo> Notifications { get; init; } = [];
}
