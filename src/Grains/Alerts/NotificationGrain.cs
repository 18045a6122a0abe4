using System.Collections.Immutable;

namespace SessionCluster.Alerts;

/// <summary>The grain of a user's local notifications: each change is one conditional write of its row.</summary>
[GrainType("notifications")]
public sealed class NotificationGrain(
    [PersistentState(NotificationsV1.StateName, "states")] IPersistentState<NotificationsV1> row) : Grain, INotificationGrain
{
    public Task<ImmutableArray<NotificationInfo>> List() => Task.FromResult(row.State.Notifications);

    public Task Add(NotificationInfo notification) => Change(all => all.Any(known => known.Pk == notification.Pk)
        ? (all, 0)
        : ([.. all.Prepend(notification).OrderByDescending(known => known.Created).Take(INotificationGrain.Most)], 1));

    public Task<int> Mark(Guid? pk, bool seen) => Change(all =>
    {
        var count = all.Count(known => pk is null || known.Pk == pk);
        var isChanged = all.Any(known => (pk is null || known.Pk == pk) && known.Seen != seen);
        return (isChanged ? [.. all.Select(known => pk is null || known.Pk == pk ? known with { Seen = seen } : known)] : all, count);
    });

    public async Task<bool> Remove(Guid pk) => await Change(all =>
    {
        var others = all.RemoveAll(known => known.Pk == pk);
        return (others.Length == all.Length ? all : others, all.Length - others.Length);
    }) > 0;

    // An unchanged list is the same array, and is not written.
    private Task<int> Change(Func<ImmutableArray<NotificationInfo>, (ImmutableArray<NotificationInfo> Next, int Answer)> decide) => row.Change(
        () =>
        {
            var (next, answer) = decide(row.State.Notifications);
            return ValueTask.FromResult(new Decision<NotificationsV1, int>(
                next == row.State.Notifications ? null : row.State with { Notifications = next }, answer));
        },
        committed: _ => { },
        reload: (_, _) => row.ReadStateAsync(),
        fail: (_, _) => DeactivateOnIdle());
}

/// <summary>The stored row of a user's notifications.</summary>
public sealed record NotificationsV1
{
    /// <summary>The state name that it is stored under.</summary>
    public const string StateName = "notifications";

    public int Schema { get; init; } = 1;

    /// <summary>The newest first.</summary>
    public ImmutableArray<NotificationInfo> Notifications { get; init; } = [];
}
