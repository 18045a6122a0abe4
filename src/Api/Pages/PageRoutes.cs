using Microsoft.AspNetCore.Builder;
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
        .AddResponseCompression(options =>
        {
            // Compressed lengths can tell a secret that stands beside what an attacker chooses. Pages hold no secrets: no cookie, key or token
            // is ever in one, and of the cookies that open them none comes along when another site loads them.
            options.EnableForHttps = true;
            options.MimeTypes = ["text/html", "text/css", "text/javascript", "image/svg+xml"];
        })
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
