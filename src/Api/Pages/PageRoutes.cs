using SessionCluster.Api.Pages.Account;
using SessionCluster.Api.Pages.ApiDocs;
using SessionCluster.Api.Pages.Console;
using SessionCluster.Api.Pages.Home;

namespace SessionCluster.Api.Pages;

/// <summary>Pages for people: what this is, their own sessions, the operator's console, the API's description.</summary>
internal static class PageRoutes
{
    public static IServiceCollection AddPages(this IServiceCollection services, IConfiguration configuration) => services
        .AddChecked<PageOptions>(configuration, PageOptions.Section)
        .AddNotMe()
        .AddAccount()
        .AddConsole();

    public static void MapPages(this Routes routes)
    {
        routes.MapAssets();
        routes.MapHome();
        routes.MapNotMe();
        routes.MapAccount();
        routes.MapConsole();
        routes.MapApiDocs();
    }
}
