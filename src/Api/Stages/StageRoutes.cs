using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Hosting;
using SessionCluster.Api.Keys;

namespace SessionCluster.Api.Stages;

/// <summary>User Login stages.</summary>
internal static class StageRoutes
{
    private const string Root = "/api/v3/stages/user_login/";

    public static IServiceCollection AddStages(this IServiceCollection services) => services.AddSingleton<StageEndpoints>();

    public static void MapStages(this Routes routes)
    {
        var stages = routes.Services.GetRequiredService<StageEndpoints>();
        var manage = Access.Service(Roles.Manage);
        routes.Get(Root, manage, stages.List);
        routes.Post(Root, manage, stages.Create);
        routes.Get(Root + "{pk}/", manage, stages.Get);
        routes.PutOrPatch(Root + "{pk}/", manage, stages.Update);
        routes.Delete(Root + "{pk}/", manage, stages.Delete);
        routes.Get(Root + "{pk}/used_by/", manage, stages.UsedBy);
    }
}
