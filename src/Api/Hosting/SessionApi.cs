using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using SessionCluster.Api.Devices;
using SessionCluster.Api.Users;

namespace SessionCluster.Api.Hosting;

/// <summary>The HTTP edge: each feature registers its services and mounts its paths. The host brings <see cref="IGrainFactory"/> and <see cref="IReadiness"/>.</summary>
public static class SessionApi
{
    /// <summary>
    /// Adds what <see cref="MapSessionApi"/> needs. Settings are checked at start; every failure names its setting. A missing key ring or
    /// api key file is made at start.
    /// </summary>
    public static IServiceCollection AddSessionApi(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.Configure<KestrelServerOptions>(KestrelLimits.Apply);
        services.AddSingleton<CommitThenTell>();
        return services
            .AddCallers(configuration)
            .AddEdge(configuration)
            .AddSessions(configuration)
            .AddFlows()
            .AddEvents(configuration)
            .AddAlerts()
            .AddBindings()
            .AddPages(configuration)
            .AddProcessRoutes(configuration);
    }

    /// <summary>Mounts everything that is answered over HTTP: the API, its document, forward auth, the pages, health and meters.</summary>
    public static WebApplication MapSessionApi(this WebApplication app)
    {
        // The endpoints read settings when they are made. All are checked first, the host's included, so that every fault is told.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        app.UseApart();
        app.UseMiddleware<ForwardAuthTarget>();
        app.UseMiddleware<CheckPaths>();
        // Pages alone are compressed: answers of the API and of forward auth are not wrapped for nothing.
        app.UseWhen(
            static context => !context.Request.Path.StartsWithSegments("/api/v3") && !context.Request.Path.StartsWithSegments("/outpost"),
            static pages => pages.UseResponseCompression());
        app.UseRouting();
        app.UseMiddleware<AnswerMiddleware>();
        var routes = new Routes(app, app.Services.GetRequiredService<Gate>());
        routes.MapSessions();
        routes.MapFlows();
        routes.MapUsers();
        routes.MapDevices();
        routes.MapStages();
        routes.MapEvents();
        routes.MapAlerts();
        routes.MapBindings();
        routes.MapForwardAuth();
        ProcessRoutes.Map(app.Services, routes.GetOrHead);
        routes.GetOrHead("/openapi/v1.json", OpenApiDocument.Get);
        routes.MapPages();
        return app;
    }
}
