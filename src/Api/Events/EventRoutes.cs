using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Hosting;
using SessionCluster.Api.Keys;
using SessionCluster.Events;

namespace SessionCluster.Api.Events;

/// <summary>The event log, as pages and as a stream.</summary>
internal static class EventRoutes
{
    public static IServiceCollection AddEvents(this IServiceCollection services, IConfiguration configuration) => services
        .AddEventOptions(configuration)
        .AddSingleton<EventEndpoints>()
        .AddSingleton<EventStreamEndpoint>();

    public static void MapEvents(this Routes routes)
    {
        var events = routes.Services.GetRequiredService<EventEndpoints>();
        routes.Get("/api/v3/events/events/", Access.Service(Roles.Read), events.List);
        routes.Get("/api/v3/events/events/{uuid}/", Access.Service(Roles.Read), events.Get);
        routes.Get("/api/v3/events/stream/", Access.Service(Roles.Read), routes.Services.GetRequiredService<EventStreamEndpoint>().Follow);
    }
}
