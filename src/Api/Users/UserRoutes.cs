using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Hosting;
using SessionCluster.Api.Keys;

namespace SessionCluster.Api.Users;

/// <summary>Users: their state, the end of their sessions, their known devices.</summary>
internal static class UserRoutes
{
    private const string Root = "/api/v3/users/{pk}/";

    public static IServiceCollection AddUsers(this IServiceCollection services) => services
        .AddSingleton<UserEndpoints>()
        .AddSingleton<DeviceEndpoints>();

    public static void MapUsers(this Routes routes)
    {
        var users = routes.Services.GetRequiredService<UserEndpoints>();
        routes.Get(Root, Access.ServiceOrSession(Roles.Read | Roles.Manage), users.Get);
        routes.Post(Root + "sessions/revoke/", Access.ServiceOrSession(Roles.Manage), users.Revoke);
        routes.Post(Root + "activate/", Access.Service(Roles.Manage), users.Activate);
        routes.Post(Root + "deactivate/", Access.Service(Roles.Manage), users.Deactivate);

        var devices = routes.Services.GetRequiredService<DeviceEndpoints>();
        routes.Get(Root + "devices/", Access.ServiceOrSession(Roles.Manage), devices.List);
        routes.Delete(Root + "devices/{uuid}/", Access.ServiceOrSession(Roles.Manage), devices.Forget);
    }
}
