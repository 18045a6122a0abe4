namespace SessionCluster.Api.Flows;

/// <summary>The User Login stage as a flow: plans, authentik's executor, the page that asks.</summary>
internal static class FlowRoutes
{
    public static IServiceCollection AddFlows(this IServiceCollection services) => services
        .AddSingleton<PlanReader>()
        .AddSingleton<FlowRun>()
        .AddSingleton<FlowPage>();

    public static void MapFlows(this Routes routes)
    {
        routes.Post("/api/v3/flows/plans/", Access.Service(Roles.Login), routes.Make<PlanEndpoint>().Create);

        var executor = routes.Make<ExecutorEndpoint>();
        routes.Get("/api/v3/flows/executor/{flow_slug}/", Access.Public, executor.Get);
        routes.Post("/api/v3/flows/executor/{flow_slug}/", Access.Public, executor.Solve);

        var page = routes.Make<FlowPageEndpoint>();
        routes.Get("/if/flow/{flow_slug}/", Access.Public, page.Get);
        routes.Post("/if/flow/{flow_slug}/", Access.Public, page.Post);
    }
}
