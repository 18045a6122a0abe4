namespace SessionCluster.Api.Pages.Account;

/// <summary>The page of a person's notifications.</summary>
/// <param name="All">All that are kept, the newest first.</param>
public sealed record NotificationsModel(IReadOnlyList<NotificationInfo> All, DateTimeOffset Now, Frame Frame) : IPageModel
{
    /// <summary>How many the person has not seen.</summary>
    public int Unseen => All.Count(notification => !notification.Seen);
}

/// <summary>
/// <c>/account/notifications/</c>: what rules with a local transport told the signed-in person. Opening the page marks nothing as seen: that
/// takes a click, as everything that changes something does.
/// </summary>
internal sealed class NotificationPages(IGrainFactory grains, AccountPages account, PublicSite site, TimeProvider time)
{
    public const string Home = "/account/notifications/";

    /// <summary>Shows them.</summary>
    public async Task List(HttpContext context, SessionInfo current)
    {
        var all = await grains.Notifications(current.User.Id).List();
        await PageWriter.Write(context, Notifications.Create(new NotificationsModel(
            all, time.GetUtcNow(), account.FrameOf(current, "Notifications") with { Content = "column", Foot = "Times are UTC." })), formTargets: site.FormTargets);
    }

    /// <summary>Marks one as seen. One that is gone was deleted elsewhere: the list shows it.</summary>
    public async Task SeenOne(HttpContext context, SessionInfo current)
    {
        if (PathSegment.TryGuid(context, "uuid", out var pk))
        {
            await grains.Notifications(current.User.Id).Mark(pk, seen: true);
        }

        PageWriter.See(context, Home);
    }

    public async Task SeenAll(HttpContext context, SessionInfo current)
    {
        await grains.Notifications(current.User.Id).Mark(null, seen: true);
        PageWriter.See(context, Home);
    }
}
