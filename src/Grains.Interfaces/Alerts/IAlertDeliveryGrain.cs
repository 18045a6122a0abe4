namespace SessionCluster.Alerts;

/// <summary>
/// Delivers by one transport: follows the event log from a stored place, and sends what its rules ask for. At least once, in order for one
/// user. What cannot be sent is tried again for a day, and kept as failed then.
/// </summary>
[Alias("sc.alert-delivery")]
public interface IAlertDeliveryGrain : IGrainWithStringKey
{
    /// <summary>The key for a transport.</summary>
    public static string KeyFor(Guid transport) => $"t:{transport:N}";

    /// <summary>
    /// Notes that the rules may be others. True where the log is followed: it answers at once, and does not wait for what is being sent.
    /// False where <see cref="Begin"/> has to be called, as <see cref="AlertDelivery.Follow"/> does.
    /// </summary>
    [Alias("goes-on"), AlwaysInterleave]
    Task<bool> NoteChange();

    /// <summary>
    /// Begins, or goes on, in a turn of its own. The first time that a rule uses the transport, the log's present end becomes the place:
    /// events from before the call are not delivered, and every event after its answer is.
    /// </summary>
    [Alias("begin")]
    Task Begin();

    /// <summary>What waits and what failed.</summary>
    [Alias("describe"), AlwaysInterleave]
    Task<Deliveries> Describe();

    /// <summary>Tries a failed or waiting notification again soon, or all of them; how many there were.</summary>
    [Alias("retry")]
    Task<int> Retry(Guid? notification);

    /// <summary>Sends a notification by which the transport can be tried; what went wrong, null for nothing.</summary>
    /// <param name="email">Where to, for a mail.</param>
    [Alias("test"), AlwaysInterleave]
    Task<string?> Test(string? email);
}

/// <summary>What callers ask of a delivery grain in two calls.</summary>
public static class AlertDelivery
{
    /// <summary>
    /// Begins, or goes on; every event after the answer is delivered. The grain cannot do this by a call to itself: while it leaves memory
    /// the one call would wait for it to be gone, and it would wait for the other to be answered.
    /// </summary>
    public static async Task Follow(this IAlertDeliveryGrain delivery)
    {
        if (!await delivery.NoteChange())
        {
            await delivery.Begin();
        }
    }
}

/// <summary>What a transport has not delivered.</summary>
/// <param name="Waiting">Notifications that are to be tried again, the oldest first.</param>
/// <param name="Failed">Notifications that are given up, the oldest first; the newest <see cref="MaxFailed"/> are kept.</param>
[GenerateSerializer, Immutable, Alias("sc.deliveries")]
public sealed record Deliveries(
    [property: Id(0)] ImmutableArray<Delivery> Waiting,
    [property: Id(1)] ImmutableArray<Delivery> Failed)
{
    /// <summary>Most failed notifications that are kept for a transport.</summary>
    public const int MaxFailed = 200;
}

/// <summary>A notification of one event by one rule to one destination.</summary>
/// <param name="Notification">Its id, the same at each attempt: receivers drop doubles by it.</param>
/// <param name="Event">The event.</param>
/// <param name="Rule">The rule.</param>
/// <param name="User">The key of the event's user; empty for none.</param>
/// <param name="Email">Where a mail goes; null for other modes.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="First">The first attempt; the moment it was due while there was none.</param>
/// <param name="Next">When it is tried again.</param>
/// <param name="Error">What went wrong last.</param>
/// <param name="Planned">From when a day of refusals counts: when it was planned, and later by each pause for a receiver that was away.</param>
[GenerateSerializer, Immutable, Alias("sc.delivery")]
public sealed record Delivery(
    [property: Id(0)] Guid Notification,
    [property: Id(1)] Guid Event,
    [property: Id(2)] Guid Rule,
    [property: Id(3)] string User,
    [property: Id(4)] string? Email,
    [property: Id(5)] int Attempts,
    [property: Id(6)] DateTimeOffset First,
    [property: Id(7)] DateTimeOffset Next,
    [property: Id(8)] string? Error,
    [property: Id(9)] DateTimeOffset? Planned = null) : Sensitive;
