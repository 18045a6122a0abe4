namespace SessionCluster.Browser.Tests;

/// <summary>A phone's pages at 200 %: half as wide.</summary>
[Collection(nameof(BrowserServer))]
public sealed class ZoomTests(BrowserServer server)
{
    private const int HalfAPhone = 195;

    [ChromiumFact]
    public async Task A_badge_is_not_broken_within_its_word()
    {
        await using var context = await server.NewBrowser(HalfAPhone);
        var (active, deactivated) = (Actions.NewUser(), Actions.NewUser());
        foreach (var user in new[] { active, deactivated })
        {
            await server.Server.Api.Login(user);
        }

        (await server.Server.Api.Post($"/api/v3/users/{deactivated}/deactivate/", "{}")).Is(200);
        var page = await server.OpenConsole(context);

        foreach (var (user, badge) in new[] { (active, "Active"), (deactivated, "Deactivated") })
        {
            await page.GotoAsync($"/admin/users/?ordering=pk&search={user}");
            var box = await page.Locator("td .badge", new() { HasText = badge }).BoundingBoxAsync();
            Assert.InRange(box!.Height, 1, 30);
            Assert.False(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth"));
        }
    }
}
