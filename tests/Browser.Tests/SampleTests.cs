using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace SessionCluster.Browser.Tests;

/// <summary>The sample app as a person uses it, in two browsers.</summary>
[Collection(nameof(BrowserServer))]
public sealed class SampleTests(BrowserServer server)
{
    [ChromiumFact]
    public async Task A_session_that_another_browser_ends_leads_its_open_tab_to_the_login_with_a_reason()
    {
        using var program = new ServerProgram(
            "WebApp.dll", $"contentRoot={Folder(new DirectoryInfo(AppContext.BaseDirectory))}", $"SessionCluster:Address={server.Server.Url}", "SessionCluster:ApiKeyFile=", $"SessionCluster:ApiKey={server.Server.Api.Key}");
        try
        {
            var app = (await program.Url.WaitAsync(TimeSpan.FromSeconds(60))).ToString();
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
        }
        finally
        {
            await program.Kill();
        }
    }

    private static async Task SignIn(IPage page, string app)
    {
        await page.GotoAsync(app + "diary");
        await page.GetByLabel("Name").FillAsync("jane");
        await page.GetByLabel("Password").FillAsync("jane");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/diary$"));
    }

    private static string Folder(DirectoryInfo at) =>
        Path.Combine(at.FullName, "samples", "WebApp") is var folder && Directory.Exists(folder) ? folder : Folder(at.Parent!);
}
