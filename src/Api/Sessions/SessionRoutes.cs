namespace SessionCluster.Api.Sessions;

/// <summary>Log in, check, look at, list and end sessions.</summary>
internal static class SessionRoutes
{
    private const string List = "/api/v3/core/authenticated_sessions/";

    public static IServiceCollection AddSessions(this IServiceCollection services, IConfiguration configuration) => services
        .AddChecked<DataOptions>(configuration, DataOptions.Section)
        .AddSingleton<LoginForms>()
        .AddSingleton<LoginAnswers>()
        .AddSingleton<EndingWatch>();

    public static void MapSessions(this Routes routes)
    {
        routes.Post("/api/v3/sessions/", Access.Service(Roles.Login), routes.Make<LoginEndpoint>().Login);
        routes.Post(CheckPaths.Validate, Access.Service(Roles.Validate), routes.Make<ValidateEndpoint>().Validate);
        routes.Get(CheckPaths.Current, Access.Session, CurrentEndpoints.Get);
        routes.Get("/api/v3/sessions/current/events/", Access.ServiceOrSession(Roles.None), routes.Make<CurrentEventsEndpoint>().Follow);
        routes.Post("/api/v3/sessions/current/logout/", Access.Public, routes.Make<CurrentEndpoints>().Logout);

        var token = routes.Make<TokenEndpoints>();
        routes.Put("/api/v3/sessions/data/", Access.Service(Roles.Login), token.PutData);
        routes.Post("/api/v3/sessions/revoke/", Access.Service(Roles.Login | Roles.Manage), token.Revoke);

        var list = routes.Make<SessionListEndpoints>();
        routes.Get(List, Access.ServiceOrSession(Roles.Read), list.List);
        routes.Get(List + "{uuid}/", Access.ServiceOrSession(Roles.Read), list.Get);
        routes.Get(List + "{uuid}/used_by/", Access.ServiceOrSession(Roles.Read), list.UsedBy);
        routes.Delete(List + "{uuid}/", Access.ServiceOrSession(Roles.Manage), list.Delete);
        routes.Delete(List + "bulk_delete/", Access.Service(Roles.Manage), list.BulkDelete);
    }
}
