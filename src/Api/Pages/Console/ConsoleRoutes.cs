namespace SessionCluster.Api.Pages.Console;

/// <summary>The operator's console: which role sees what, and which may change it.</summary>
internal static class ConsoleRoutes
{
    private const string Root = ConsoleGate.Home;

    private const Roles Any = Roles.Read | Roles.Manage;

    public static IServiceCollection AddConsole(this IServiceCollection services) => services
        .AddSingleton<ConsoleCookie>()
        .AddSingleton<ConsoleGate>()
        .AddSingleton<History>()
        .AddHostedService(provider => provider.GetRequiredService<History>())
        .AddSingleton<PlaceSample>();

    public static void MapConsole(this Routes routes)
    {
        var gate = routes.Services.GetRequiredService<ConsoleGate>();
        routes.PageForm(Root + "signin/", gate.SignIn);
        routes.PageForm(Root + "signout/", gate.SignOut);

        var server = routes.Make<ServerPages>();
        routes.Page(Root, gate.Of(Any, server.Overview));
        routes.Page(Root + "bindings/", gate.Of(Any, server.Bindings));
        routes.Page(Root + "cluster/", gate.Of(Any, server.Cluster));

        var lists = routes.Make<ConsolePages>();
        routes.Page(Root + "sessions/", gate.Of(Roles.Read, lists.Sessions));
        routes.Page(Root + "sessions/{uuid}/", gate.Of(Roles.Read, lists.One));
        Action("sessions/{uuid}/end/", lists.End);
        routes.Page(Root + "events/", gate.Of(Roles.Read, lists.Events));
        routes.Page(Root + "events/{uuid}/", gate.Of(Roles.Read, lists.OneEvent));

        var users = routes.Make<UserPages>();
        routes.Page(Root + "users/", gate.Of(Any, users.List));
        routes.Page(Root + "users/{pk}/", gate.Of(Any, users.Get));
        Action("users/{pk}/end-all/", users.EndAll);
        Action("users/{pk}/deactivate/", users.Deactivate);
        Action("users/{pk}/activate/", users.Activate);

        var stages = routes.Make<StagePages>();
        routes.Page(Root + "stages/", gate.Of(Any, stages.List));
        routes.Page(Root + "stages/new/", gate.Of(Roles.Manage, stages.New));
        routes.PageForm(Root + "stages/new/", gate.Of(Roles.Manage, stages.Create));
        routes.Page(Root + "stages/{pk}/", gate.Of(Any, stages.One));
        routes.PageForm(Root + "stages/{pk}/", gate.Of(Roles.Manage, stages.Update));
        Action("stages/{pk}/delete/", stages.Delete);

        // The answer to such a form stands at its address: who opens that again is led back to what the form belongs to.
        void Action(string path, Func<HttpContext, ApiKey, Task> action)
        {
            routes.PageForm(Root + path, gate.Of(Roles.Manage, action));
            routes.Page(Root + path, gate.Of(Any, Back));
        }
    }

    private static Task Back(HttpContext context, ApiKey key)
    {
        PageWriter.See(context, (context.Request.Path.Value!.EndsWith('/') ? "../" : "./") + context.Request.QueryString);
        return Task.CompletedTask;
    }
}
