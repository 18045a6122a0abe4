using Microsoft.Playwright;

namespace SessionCluster.Browser.Tests;

/// <summary>What pages that keep themselves up to date leave to the person in front of them, and what fits where.</summary>
[Collection(nameof(BrowserServer))]
public sealed class LivePageTests(BrowserServer server)
{
    [ChromiumFact]
    public async Task An_open_tab_says_at_once_that_its_session_has_ended_and_why()
    {
        await using var context = await server.NewBrowser();
        var user = Actions.NewUser();
        await server.LogIn(context, user);
        var page = await context.NewPageAsync();
        var listening = page.WaitForRequestAsync(request => request.Url.Contains("/current/events/?session=", StringComparison.Ordinal));
        await page.GotoAsync("/account/sessions/");
        await listening;

        (await server.Server.Api.Post($"/api/v3/users/{user}/deactivate/", "{}")).Is(200);

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You were signed out" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Your account is switched off.")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task A_hidden_tab_asks_nothing_and_one_that_is_seen_again_says_whose_browser_it_is_by_then()
    {
        await using var context = await server.NewBrowser();
        await server.LogIn(context, Actions.NewUser());
        var page = await context.NewPageAsync();
        await page.GotoAsync("/account/sessions/");
        var over = new TaskCompletionSource();
        page.RequestFailed += (_, request) => _ = request.Url.Contains("/current/events/", StringComparison.Ordinal) && over.TrySetResult();
        await See(false);
        await over.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var later = Actions.NewUser();
        await server.LogIn(context, later);
        var heads = page.GetByText(later);
        Assert.Equal(0, await heads.CountAsync());
        await See(true);

        await Assertions.Expect(heads.First).ToBeVisibleAsync();

        Task See(bool seen) => page.EvaluateAsync(
            "seen => { Object.defineProperty(document, 'hidden', { value: !seen, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }", seen);
    }

    [ChromiumFact]
    public async Task The_overview_takes_nobodys_focus_away_and_a_link_under_it_stays_the_same()
    {
        await using var context = await server.NewBrowser();
        var (first, second) = (Actions.NewUser(), Actions.NewUser());
        await server.Server.Api.Login(first);
        var page = await server.OpenConsole(context);
        var link = page.Locator("#newest").GetByRole(AriaRole.Link, new() { Name = $"name-{first}" });
        await link.FocusAsync();

        await server.Server.Api.Login(second);
        await Assertions.Expect(page.Locator("#newest .fresh").GetByText($"name-{second}")).ToBeVisibleAsync();
        await Assertions.Expect(link).ToBeFocusedAsync();

        foreach (var part in (string[])["#tiles a", "#figures-1 summary"])
        {
            await page.Locator(part).First.FocusAsync();
            await page.EvaluateAsync("document.getElementById('tiles').dataset.old = 'yes'");
            await Assertions.Expect(page.Locator("#tiles:not([data-old])")).ToBeVisibleAsync();
            await Assertions.Expect(page.Locator(part).First).ToBeFocusedAsync();
        }
    }

    [ChromiumFact]
    public async Task A_page_that_is_paused_asks_for_nothing_until_it_is_let_go_on()
    {
        await using var context = await server.NewBrowser();
        var page = await server.OpenConsole(context);
        var pause = page.GetByRole(AriaRole.Button, new() { Name = "Pause" });
        await Assertions.Expect(page.GetByText("Live, last at")).ToBeVisibleAsync();

        await pause.ClickAsync();
        await Assertions.Expect(pause).ToHaveAttributeAsync("aria-pressed", "true");
        // What was asked for before has come.
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        var asked = 0;
        page.Request += (_, _) => asked++;
        await page.WaitForTimeoutAsync(6_000);

        Assert.Equal(0, asked);
        await Assertions.Expect(page.GetByText("Paused, last at")).ToBeVisibleAsync();
        await pause.ClickAsync();
        await Assertions.Expect(page.GetByText("Live, last at")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task Screen_readers_are_told_once_that_a_page_is_not_live_any_more_and_once_that_it_is()
    {
        await using var context = await server.NewBrowser();
        var page = await server.OpenConsole(context);
        var told = page.Locator("[data-pulse] [role=status]");
        await Assertions.Expect(page.GetByText("Live, last at")).ToBeVisibleAsync();
        await Assertions.Expect(told).ToHaveTextAsync("");
        await page.EvaluateAsync("new MutationObserver(() => window.told = (window.told ?? 0) + 1).observe(document.querySelector('[role=status]'), { childList: true })");

        await page.RouteAsync(address => address.Contains("part=", StringComparison.Ordinal), route => route.AbortAsync());
        await Assertions.Expect(told).ToContainTextAsync("Not live since");
        await page.WaitForTimeoutAsync(6_000);
        Assert.Equal(1, await page.EvaluateAsync<int>("told"));

        await page.UnrouteAllAsync();
        await Assertions.Expect(told).ToHaveTextAsync("Live again");
        Assert.Equal(2, await page.EvaluateAsync<int>("told"));
    }

    [ChromiumTheory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Account_pages_say_whose_they_are_and_the_dot_of_a_live_page_comes_to_rest(int width)
    {
        await using var context = await server.NewBrowser(width);
        var user = Actions.NewUser();
        await server.LogIn(context, user);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/account/sessions/");
        await Assertions.Expect(page.Locator(".who")).ToBeVisibleAsync();

        page = await server.OpenConsole(context);
        await Assertions.Expect(page.GetByText("Live, last at")).ToBeVisibleAsync();
        Assert.Equal("4", await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('[data-pulse]'), '::before').animationIterationCount"));
    }

    [ChromiumTheory]
    [InlineData(1280)]
    [InlineData(760)]
    public async Task No_cell_of_the_apis_description_runs_into_the_next(int width)
    {
        await using var context = await server.NewBrowser(width);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/api/docs/");
        var calls = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('.table a')].map(link => link.getAttribute('href'))");
        var wide = new List<string>();
        foreach (var call in calls)
        {
            await page.GotoAsync(call);
            wide.AddRange(await page.EvaluateAsync<string[]>("[...document.querySelectorAll('.table.fixed :is(th, td)')].filter(cell => cell.scrollWidth > cell.clientWidth).map(cell => location.pathname + ': ' + cell.textContent)"));
        }

        Assert.Empty(wide);
    }
}
