namespace SessionCluster.Api.Pages.Account;

/// <summary>The pages of the signed-in person.</summary>
internal static class AccountRoutes
{
    private const string Sessions = "/account/sessions/";

    public static IServiceCollection AddAccount(this IServiceCollection services) => services
        .AddSingleton<AccountGate>()
        .AddSingleton<AccountPages>();

    public static void MapAccount(this Routes routes)
    {
        var gate = routes.Services.GetRequiredService<AccountGate>();
        var pages = routes.Services.GetRequiredService<AccountPages>();
        routes.Page(Sessions, gate.Of(pages.List));
        routes.Page(Sessions + "end-others/", gate.Of(pages.AskOthers));
        routes.PageForm(Sessions + "end-others/", gate.Of(pages.EndOthers));
        routes.PageForm(Sessions + "{uuid}/end/", gate.Of(pages.End));
        routes.Page(Sessions + "{uuid}/not-me/", gate.Of(pages.AskNotMe));
        routes.PageForm(Sessions + "{uuid}/not-me/", gate.Of(pages.EndNotMe));
        routes.PageForm("/account/devices/{uuid}/forget/", gate.Of(pages.Forget));
        routes.PageForm("/account/signout/", gate.Of(pages.SignOut));

        var notifications = routes.Make<NotificationPages>();
        routes.Page(NotificationPages.Home, gate.Of(notifications.List));
        routes.PageForm(NotificationPages.Home + "seen/", gate.Of(notifications.SeenAll));
        routes.PageForm(NotificationPages.Home + "{uuid}/seen/", gate.Of(notifications.SeenOne));
    }
}
