namespace SessionCluster.Api;

/// <summary>The grains that endpoints and pages ask beside those of logins and checks. Those that read hold nothing: callers are spread over a few of each.</summary>
internal static class ApiGrains
{
    private const int Count = 8;

    private static int Shard => Environment.CurrentManagedThreadId % Count;

    /// <summary>A reader of the lists of sessions and users.</summary>
    public static ISessionListGrain SessionList(this IGrainFactory grains) => grains.GetGrain<ISessionListGrain>(ISessionListGrain.KeyFor(Shard));

    public static IEventListGrain EventLog(this IGrainFactory grains) => grains.GetGrain<IEventListGrain>(IEventListGrain.KeyFor(Shard));

    /// <summary>A login that a person has not answered yet.</summary>
    public static IPlanGrain Plan(this IGrainFactory grains, PlanId plan) => grains.GetGrain<IPlanGrain>(plan.GrainKey);

    public static INotificationGrain Notifications(this IGrainFactory grains, UserId user) => grains.GetGrain<INotificationGrain>(INotificationGrain.KeyFor(user));

    public static IAlertDeliveryGrain AlertDelivery(this IGrainFactory grains, Guid transport) => grains.GetGrain<IAlertDeliveryGrain>(IAlertDeliveryGrain.KeyFor(transport));

    public static IBindingExplainGrain BindingExplain(this IGrainFactory grains) => grains.GetGrain<IBindingExplainGrain>(IBindingExplainGrain.KeyFor(Shard));
}
