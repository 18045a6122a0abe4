using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Events;
using SessionCluster.Api.Flows;
using SessionCluster.Api.ForwardAuth;
using SessionCluster.Api.Health;
using SessionCluster.Api.Home;
using SessionCluster.Api.Keys;
using SessionCluster.Api.Metrics;
using SessionCluster.Api.OpenApi;
using SessionCluster.Api.Sessions;
using SessionCluster.Api.Stages;
using SessionCluster.Api.Users;

namespace SessionCluster.Api.Hosting;

/// <summary>The table of paths: what answers each, and who may call it. A slash at the end may be left out.</summary>
public static class SessionApiRoutes
{
    private static readonly string[] Get = ["GET"];

    private static readonly string[] GetOrHead = ["GET", "HEAD"];

    private static readonly string[] Post = ["POST"];

    private static readonly string[] Put = ["PUT"];

    private static readonly string[] PutOrPatch = ["PUT", "PATCH"];

    private static readonly string[] Delete = ["DELETE"];

    /// <summary>Mounts the API, health and the start page.</summary>
    public static WebApplication MapSessionApi(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        CheckSettings(app.Services);
        app.UseMiddleware<CheckPaths>();
        app.UseRouting();
        app.UseMiddleware<AnswerMiddleware>();
        var routes = new Routes(app, app.Services.GetRequiredService<Gate>());
        MapSessions(routes, app.Services);
        MapFlows(routes, app.Services);
        MapSessionList(routes, app.Services);
        MapUsers(routes, app.Services);
        MapConfiguration(routes, app.Services);
        MapForwardAuth(routes, app.Services);

        var health = app.Services.GetRequiredService<HealthEndpoints>();
        routes.Add(GetOrHead, "/health/live", Access.Public, HealthEndpoints.Live);
        routes.Add(GetOrHead, "/health/ready", Access.Public, health.Ready);
        routes.Add(GetOrHead, "/metrics", Access.Public, app.Services.GetRequiredService<MetricsEndpoint>().Get);
        routes.Add(GetOrHead, "/openapi/v1.json", Access.Public, OpenApiDocument.Get);
        routes.Add(GetOrHead, "/", Access.Public, HomePage.Get);
        return app;
    }

    // The endpoints read settings when they are made. All are checked first, the host's included, so that one exception lists
    // every fault; the platform's own throws another type when more than one group of settings is faulty.
    private static void CheckSettings(IServiceProvider services)
    {
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
        }
        catch (AggregateException exception)
        {
            var failures = exception.InnerExceptions.OfType<OptionsValidationException>().SelectMany(group => group.Failures);
            throw new OptionsValidationException("settings", typeof(SessionApiRoutes), failures);
        }
    }

    private static void MapSessions(Routes routes, IServiceProvider services)
    {
        var login = services.GetRequiredService<LoginEndpoint>();
        routes.Add(Post, "/api/v3/sessions/", Access.Service(Roles.Login), login.Login);

        var validate = services.GetRequiredService<ValidateEndpoint>();
        routes.Add(Post, CheckPaths.Validate, Access.Service(Roles.Validate), validate.Validate);

        var current = services.GetRequiredService<CurrentEndpoints>();
        routes.Add(Get, CheckPaths.Current, Access.Session, CurrentEndpoints.Get);
        routes.Add(Post, "/api/v3/sessions/current/logout/", Access.Public, current.Logout);

        var token = services.GetRequiredService<TokenEndpoints>();
        routes.Add(Put, "/api/v3/sessions/data/", Access.Service(Roles.Login), token.PutData);
        routes.Add(Post, "/api/v3/sessions/revoke/", Access.Service(Roles.Login | Roles.Manage), token.Revoke);
    }

    private static void MapFlows(Routes routes, IServiceProvider services)
    {
        routes.Add(Post, "/api/v3/flows/plans/", Access.Service(Roles.Login), services.GetRequiredService<PlanEndpoint>().Create);

        var executor = services.GetRequiredService<ExecutorEndpoint>();
        routes.Add(Get, "/api/v3/flows/executor/{flow_slug}/", Access.Public, executor.Get);
        routes.Add(Post, "/api/v3/flows/executor/{flow_slug}/", Access.Public, executor.Solve);

        var page = services.GetRequiredService<FlowPageEndpoint>();
        routes.Add(Get, "/if/flow/{flow_slug}/", Access.Public, page.Get);
        routes.Add(Post, "/if/flow/{flow_slug}/", Access.Public, page.Post);
    }

    private static void MapSessionList(Routes routes, IServiceProvider services)
    {
        const string Root = "/api/v3/core/authenticated_sessions/";
        var list = services.GetRequiredService<SessionListEndpoints>();
        routes.Add(Get, Root, Access.ServiceOrSession(Roles.Read), list.List);
        routes.Add(Get, Root + "{uuid}/", Access.ServiceOrSession(Roles.Read), list.Get);
        routes.Add(Get, Root + "{uuid}/used_by/", Access.ServiceOrSession(Roles.Read), list.UsedBy);
        routes.Add(Delete, Root + "{uuid}/", Access.ServiceOrSession(Roles.Manage), list.Delete);
        routes.Add(Delete, Root + "bulk_delete/", Access.Service(Roles.Manage), services.GetRequiredService<BulkDeleteEndpoint>().Delete);
    }

    private static void MapUsers(Routes routes, IServiceProvider services)
    {
        const string Root = "/api/v3/users/{pk}/";
        var users = services.GetRequiredService<UserEndpoints>();
        routes.Add(Get, Root, Access.ServiceOrSession(Roles.Read | Roles.Manage), users.Get);
        routes.Add(Post, Root + "sessions/revoke/", Access.ServiceOrSession(Roles.Manage), users.Revoke);
        routes.Add(Post, Root + "activate/", Access.Service(Roles.Manage), users.Activate);
        routes.Add(Post, Root + "deactivate/", Access.Service(Roles.Manage), users.Deactivate);

        var devices = services.GetRequiredService<DeviceEndpoints>();
        routes.Add(Get, Root + "devices/", Access.ServiceOrSession(Roles.Manage), devices.List);
        routes.Add(Delete, Root + "devices/{uuid}/", Access.ServiceOrSession(Roles.Manage), devices.Forget);
    }

    private static void MapConfiguration(Routes routes, IServiceProvider services)
    {
        const string Root = "/api/v3/stages/user_login/";
        var stages = services.GetRequiredService<StageEndpoints>();
        var manage = Access.Service(Roles.Manage);
        routes.Add(Get, Root, manage, stages.List);
        routes.Add(Post, Root, manage, stages.Create);
        routes.Add(Get, Root + "{pk}/", manage, stages.Get);
        routes.Add(PutOrPatch, Root + "{pk}/", manage, stages.Update);
        routes.Add(Delete, Root + "{pk}/", manage, stages.Delete);
        routes.Add(Get, Root + "{pk}/used_by/", manage, stages.UsedBy);

        var events = services.GetRequiredService<EventEndpoints>();
        routes.Add(Get, "/api/v3/events/events/", Access.Service(Roles.Read), events.List);
        routes.Add(Get, "/api/v3/events/events/{uuid}/", Access.Service(Roles.Read), events.Get);
        var stream = services.GetRequiredService<EventStreamEndpoint>();
        routes.Add(Get, "/api/v3/events/stream/", Access.Service(Roles.Read), stream.Follow);
    }

    private static void MapForwardAuth(Routes routes, IServiceProvider services)
    {
        var forward = services.GetRequiredService<ForwardAuthEndpoint>();
        routes.AddAnyMethod("/outpost/auth/nginx/{**rest}", forward.Nginx);
        routes.AddAnyMethod("/outpost/auth/traefik/{**rest}", forward.Redirecting);
        routes.AddAnyMethod("/outpost/auth/caddy/{**rest}", forward.Redirecting);
        routes.AddAnyMethod("/outpost/auth/envoy/{**rest}", forward.Envoy);
    }

    private sealed class Routes(IEndpointRouteBuilder app, Gate gate)
    {
        public void Add(string[] methods, string path, Access access, Func<HttpContext, Caller, Task> endpoint) =>
            app.MapMethods(path, methods, gate.Guard(access, endpoint));

        public void AddAnyMethod(string path, Func<HttpContext, Caller, Task> endpoint) =>
            app.Map(path, gate.Guard(Access.Public, endpoint));
    }
}
