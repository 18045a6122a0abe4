namespace SessionCluster.Alerts;

/// <summary>The local notifications of one user: the newest <see cref="Most"/>. Adding one that is there changes nothing.</summary>
[Alias("sc.notifications")]
public interface INotificationGrain : IGrainWithStringKey
{
    /// <summary>Most notifications that are kept for a user.</summary>
    public const int Most = 50;

    /// <summary>The key for a user.</summary>
    public static string KeyFor(UserId user) => $"n:{user.Value}";

    /// <summary>All of them, the newest first.</summary>
    [Alias("list")]
    Task<ImmutableArray<NotificationInfo>> List();

    /// <summary>Adds a notification unless it is there.</summary>
    [Alias("add")]
    Task Add(NotificationInfo notification);

    /// <summary>Marks one, or all, as seen or not.</summary>
    [Alias("mark")]
    Task Mark(Guid? pk, bool seen);

    /// <summary>Deletes one, if it is there.</summary>
    [Alias("remove")]
    Task Remove(Guid pk);
}

/// <summary>A local notification.</summary>
/// <param name="Pk">Its id.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Body">What happened, in a sentence.</param>
/// <param name="Created">When the event happened.</param>
/// <param name="Event">The event.</param>
/// <param name="Seen">Whether the user has seen it.</param>
[GenerateSerializer, Immutable, Alias("sc.notification-info")]
public sealed record NotificationInfo(
    [property: Id(0)] Guid Pk,
    [property: Id(1)] AlertSeverity Severity,
    [property: Id(2)] string Body,
    [property: Id(3)] DateTimeOffset Created,
    [property: Id(4)] Guid Event,
    [property: Id(5)] bool Seen) : Sensitive;
