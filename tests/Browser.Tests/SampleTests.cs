using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace SessionCluster.Browser.Tests;

/// <summary>The sample app as a person uses it, in two browsers.</summary>
[Collection(nameof(BrowserServer))]
public sealed class SampleTests(BrowserServer server)
{
    [ChromiumFact]
    public Task A_session_that_another_browser_ends_leads_its_open_tab_to_the_login_with_a_reason() => WithSample(async app =>
    {
        await using var desk = await server.NewBrowser();
        await using var phone = await server.NewBrowser(390, colours: ColorScheme.Dark);
        var (one, two) = (await desk.NewPageAsync(), await phone.NewPageAsync());
        await SignIn(one, app);
        await SignIn(two, app);
        await two.GotoAsync(app + "diary");
        await Assertions.Expect(two.GetByRole(AriaRole.Heading, new() { Name = "Diary of Jane Doe" })).ToBeVisibleAsync();

        await one.GetByRole(AriaRole.Link, new() { Name = "Your sessions" }).ClickAsync();
        Assert.Empty((await one.RunAxe()).Violations.Select(violation => violation.Id));
        await one.GetByRole(AriaRole.Button, new() { Name = "End all others" }).ClickAsync();
        await Assertions.Expect(one.GetByRole(AriaRole.Button, new() { Name = "End all others" })).ToBeHiddenAsync();

        await Assertions.Expect(two.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Your session was ended. Please sign in again.");
        Assert.Empty((await two.RunAxe()).Violations.Select(violation => violation.Id));
        Assert.Equal(0, await two.EvaluateAsync<int>("Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
    });

    /// <summary>The session is over when the server has done it, and the stream says so before the app's own work lets the answer out.</summary>
    [ChromiumFact]
    public Task A_page_that_signs_out_waits_for_a_slow_answer_and_leaves_for_nothing_else() => WithSample(async app =>
    {
        await using var browser = await server.NewBrowser();
        var page = await browser.NewPageAsync();
        await SignIn(page, app);
        await page.RouteAsync("**/account/logout", async route =>
        {
            var answer = await route.FetchAsync(new() { MaxRedirects = 0 });
            await Task.Delay(TimeSpan.FromSeconds(4));
            await route.FulfillAsync(new() { Status = 200, ContentType = "text/html", Headers = [new("Set-Cookie", answer.Headers["set-cookie"])], Body = "<h1>Goodbye</h1>" });
        });

        Assert.Contains(await browser.CookiesAsync(), IsSession);

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Goodbye" })).ToBeVisibleAsync(new() { Timeout = 30_000 });
        Assert.DoesNotContain(await browser.CookiesAsync(), IsSession);

        static bool IsSession(BrowserContextCookiesResult cookie) => cookie.Name == "sample_session";
    });

    /// <summary>A sign-in ends the browser's session before, which its other tabs have.</summary>
    [ChromiumFact]
    public Task The_other_tabs_of_a_browser_that_signs_in_again_stay() => WithSample(async app =>
    {
        await using var browser = await server.NewBrowser();
        var (one, two) = (await browser.NewPageAsync(), await browser.NewPageAsync());
        await SignIn(two, app);
        await two.EvaluateAsync("document.body.dataset.old = 'yes'");

        await SignIn(one, app, "login?returnUrl=/diary");

        await Assertions.Expect(two.Locator("body:not([data-old])")).ToBeVisibleAsync();
        await Assertions.Expect(two.GetByRole(AriaRole.Heading, new() { Name = "Diary of Jane Doe" })).ToBeVisibleAsync();
    });

    private async Task WithSample(Func<string, Task> walk)
    {
        using var program = new ServerProgram(
            "WebApp.dll", $"contentRoot={Folder(new DirectoryInfo(AppContext.BaseDirectory))}", $"SessionCluster:Address={server.Server.Url}", "SessionCluster:ApiKeyFile=", $"SessionCluster:ApiKey={server.Server.Api.Key}");
        try
        {
            await walk((await program.Url.WaitAsync(TimeSpan.FromSeconds(60))).ToString());
        }
        finally
        {
            await program.Kill();
        }
    }

    private static async Task SignIn(IPage page, string app, string to = "diary")
    {
        await page.GotoAsync(app + to);
        await page.GetByLabel("Name").FillAsync("jane");
        await page.GetByLabel("Password").FillAsync("jane");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/diary$"));
    }

    private static string Folder(DirectoryInfo at) =>
        Path.Combine(at.FullName, "samples", "WebApp") is var folder && Directory.Exists(folder) ? folder : Folder(at.Parent!);
}
