namespace SessionCluster.Api.Alerts;

/// <summary>Alerts: who is told of which events, and how.</summary>
public static class AlertRoutes
{
    private const string Events = "/api/v3/events/";

    private const string Notifications = Events + "notifications/";

    /// <summary>
    /// Adds the links of mails and webhooks to a process without the API. Those of mails are signed with the configured token keys; where
    /// there are none, mails go without links.
    /// </summary>
    public static IServiceCollection AddLinks(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<TokenOptions>(options => options.Bind(configuration));
        services.AddChecked<SiteOptions>(options => options.Bind(configuration));
        services.AddSingleton<PublicSite>();
        services.AddSingleton(provider => new AlertLinks(provider.GetRequiredService<PublicSite>()));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<TokenOptions>>().Value.Keys is { Count: > 0 } keys
            ? new MailLinks(new KeyRing([.. keys.Select(key => TokenOptions.Decode(key)!)]), provider.GetRequiredService<PublicSite>())
            : null!);
        return services;
    }

    internal static IServiceCollection AddAlerts(this IServiceCollection services) => services
        .AddSingleton(provider => new MailLinks(provider.GetRequiredService<KeyRing>(), provider.GetRequiredService<PublicSite>()))
        .AddSingleton(provider => new AlertLinks(provider.GetRequiredService<PublicSite>()));

    internal static void MapAlerts(this Routes routes)
    {
        var manage = Access.Service(Roles.Manage);
        var transports = routes.Map(Events + "transports/", AlertKinds.Transport);
        routes.Map(Events + "rules/", AlertKinds.Rule);
        routes.Map("/api/v3/policies/event_matcher/", AlertKinds.Matcher);
        routes.Map("/api/v3/policies/bindings/", AlertKinds.Binding);

        var deliveries = routes.Make<DeliveryEndpoints>();
        routes.Post(Events + "transports/{pk}/test/", manage, transports.Of(deliveries.Test));
        routes.Get(Events + "transports/{pk}/deliveries/", manage, transports.Of(deliveries.List));
        routes.Post(Events + "transports/{pk}/deliveries/retry/", manage, transports.Of(deliveries.Retry));

        // The session itself is needed, whose user's they are.
        var own = Access.ServiceOrSession(Roles.None);
        var notifications = routes.Make<NotificationEndpoints>();
        routes.Get(Notifications, own, notifications.List);
        routes.Post(Notifications + "mark_all_seen/", own, notifications.MarkAllSeen);
        routes.Get(Notifications + "{pk}/", own, notifications.Get);
        routes.PutOrPatch(Notifications + "{pk}/", own, notifications.Update);
        routes.Delete(Notifications + "{pk}/", own, notifications.Delete);
        routes.Get(Notifications + "{pk}/used_by/", own, notifications.UsedBy);
    }

    private static AlertResource<T> Map<T>(this Routes routes, string root, AlertKind<T> kind)
        where T : class
    {
        var manage = Access.Service(Roles.Manage);
        var resource = new AlertResource<T>(kind, routes.Services.GetRequiredService<IGrainFactory>(), routes.Services.GetRequiredService<ConnectionClient>());
        routes.Get(root, manage, resource.List);
        routes.Post(root, manage, resource.Create);
        routes.Get(root + "{pk}/", manage, resource.Of(resource.Get));
        routes.PutOrPatch(root + "{pk}/", manage, resource.Of(resource.Update));
        routes.Delete(root + "{pk}/", manage, resource.Of(resource.Delete));
        routes.Get(root + "{pk}/used_by/", manage, resource.Of(resource.UsedBy));
        return resource;
    }
}
