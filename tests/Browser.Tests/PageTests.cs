using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace SessionCluster.Browser.Tests;

/// <summary>The pages in a real browser: what people do on them, with and without a script, and what axe says of each.</summary>
[Collection(nameof(BrowserServer))]
public sealed class PageTests(BrowserServer server)
{
    /// <summary>Where screenshots of all pages are kept; next to the test's program unless said.</summary>
    private static readonly string Screenshots = Environment.GetEnvironmentVariable("BROWSER_SCREENSHOTS") ?? Path.Combine(AppContext.BaseDirectory, "screenshots");

    [ChromiumTheory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task No_page_has_a_violation_for_axe_or_scrolls_sideways_or_breaks_its_policy(int width, ColorScheme colours)
    {
        await using var context = await server.NewBrowser(width, colours: colours);
        var user = Actions.NewUser();
        var other = await server.Server.Api.Login(user, ip: Places.Tokyo);
        await server.LogIn(context, user);
        var page = await server.OpenConsole(context);
        var faults = new List<string>();
        page.Console += (_, message) => faults.Add($"{page.Url}: {message.Type}: {message.Text}");
        string[] paths =
        [
            "/", "/account/sessions/", "/account/sessions/end-others/", $"/account/sessions/{other.Uuid}/not-me/", "/api/docs/", "/api/docs/sessions_validate/", "/admin/", "/admin/sessions/",
            $"/admin/sessions/{other.Uuid}/", "/admin/sessions/?search=name&ordering=-created", "/admin/events/", "/admin/events/?action=login", "/admin/users/", $"/admin/users/{user}/", "/admin/stages/", "/admin/stages/new/", $"/admin/bindings/?from={Places.Berlin}&to={Places.Tokyo}", "/admin/cluster/",
        ];
        foreach (var path in paths)
        {
            await page.GotoAsync(path);
            var name = path.Replace("?", "-", StringComparison.Ordinal).Split('&')[0].Replace(other.Uuid, "one", StringComparison.Ordinal).Replace(user, "one", StringComparison.Ordinal).Trim('/').Replace('/', '-').Replace('=', '-');
            faults.AddRange(await Faults(page, $"{name}-{width}-{colours}"));
        }

        Assert.Empty(faults);
    }

    [ChromiumFact]
    public async Task A_part_of_the_overview_that_cannot_be_had_stays_as_it_is_and_is_asked_for_again()
    {
        await using var context = await server.NewBrowser();
        var page = await server.OpenConsole(context);
        await page.GotoAsync("/admin/");
        var pulse = page.Locator("[data-pulse]");
        await page.RouteAsync(
            address => address.Contains("part=", StringComparison.Ordinal),
            route => route.FulfillAsync(new() { Status = 503, ContentType = "text/html", Body = "<!doctype html><html><head></head><body><main>Away</main></body></html>" }));
        await Assertions.Expect(pulse).ToContainTextAsync("trying again");
        await page.WaitForTimeoutAsync(6_000);
        Assert.DoesNotContain("Away", await page.Locator("main").First.InnerTextAsync(), StringComparison.Ordinal);

        await page.UnrouteAllAsync();

        await Assertions.Expect(pulse).ToContainTextAsync("Live, last at");
        await Assertions.Expect(page.Locator("#tiles[hx-trigger]")).ToBeVisibleAsync();
    }

    [ChromiumTheory]
    [InlineData(1280, ColorScheme.Light, "en")]
    [InlineData(1280, ColorScheme.Dark, "de")]
    [InlineData(390, ColorScheme.Light, "de-AT")]
    [InlineData(390, ColorScheme.Dark, "en")]
    public async Task The_pages_of_a_login_have_no_violation_for_axe_in_either_language(int width, ColorScheme colours, string language)
    {
        await using var context = await server.NewBrowser(width, colours: colours, language: language);
        var stage = await server.Server.Api.Stage("\"session_duration\": \"hours=8\", \"remember_me_offset\": \"days=14\"");
        var (page, user, faults) = (await context.NewPageAsync(), Actions.NewUser(), new List<string>());
        page.Console += (_, message) => faults.Add($"{page.Url}: {message.Type}: {message.Text}");
        var isGerman = language.StartsWith("de", StringComparison.Ordinal);
        async Task See(string name, string heading, string words)
        {
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = heading })).ToBeVisibleAsync();
            await Assertions.Expect(page.GetByText(words)).ToBeVisibleAsync();
            Assert.Equal(isGerman ? "de" : "en", await page.Locator("html").GetAttributeAsync("lang"));
            faults.AddRange(await Faults(page, $"flow-{name}-{width}-{colours}-{(isGerman ? "de" : "en")}"));
        }

        await page.GotoAsync(await server.Plan(Actions.NewUser(), stage));
        await See("ask", isGerman ? "Angemeldet bleiben?" : "Stay signed in?", isGerman ? "14 Tage und 8 Stunden" : "14 days and 8 hours");
        await (await context.NewPageAsync()).GotoAsync(await server.Plan(user, stage));
        await page.GetByRole(AriaRole.Button, new() { Name = isGerman ? "Ja" : "Yes", Exact = true }).ClickAsync();
        await See("another", isGerman ? "Angemeldet bleiben?" : "Stay signed in?", isGerman ? "eine andere Anmeldung geöffnet" : "Another login was opened in this browser");
        await page.GetByRole(AriaRole.Button, new() { Name = isGerman ? "Ja" : "Yes", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your sessions" })).ToBeVisibleAsync();

        await page.GotoAsync(await server.Plan(Actions.NewUser(), "default", "another browser"));
        await See("confirm", isGerman ? "Anmelden?" : "Log in?", isGerman ? "Sie werden auf diesem Gerät angemeldet." : "You are about to be logged in on this device.");

        (await server.Server.Api.Post($"/api/v3/users/{user}/deactivate/", "{}")).Is(200);
        await page.GotoAsync(await server.Plan(user, stage));
        await See("denied", isGerman ? "Zugang verweigert" : "Access denied", isGerman ? "Diese Anmeldung kann nicht abgeschlossen werden." : "This login cannot be completed.");
        // The browser's own note of the refusal's status.
        faults.RemoveAll(fault => fault.Contains("status of 403", StringComparison.Ordinal));
        Assert.Empty(faults);
    }

    /// <summary>As where an identity provider leads on to the application that asked it.</summary>
    [ChromiumFact]
    public async Task An_answer_leads_on_over_redirects_of_others_and_a_double_click_asks_once()
    {
        await using var application = await Site(new Uri($"http://127.0.0.1:{TestPorts.Free()}"), context => context.Response.WriteAsync("Arrived"));
        await using var provider = await Site(server.Provider, context =>
        {
            context.Response.Redirect($"http://{application.Urls.Single()[7..]}/cb?code=1");
            return Task.CompletedTask;
        });
        await using var context = await server.NewBrowser();
        var stage = await server.Server.Api.Stage("\"remember_me_offset\": \"days=14\"");
        var page = await context.NewPageAsync();
        await page.GotoAsync(await server.Plan(Actions.NewUser(), stage, next: $"{server.Provider}authorize"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Yes", Exact = true }).DblClickAsync();

        await Assertions.Expect(page.GetByText("Arrived")).ToBeVisibleAsync();

        static async Task<WebApplication> Site(Uri url, RequestDelegate answer)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls(url.ToString());
            builder.Logging.ClearProviders();
            var site = builder.Build();
            site.Run(answer);
            await site.StartAsync();
            return site;
        }
    }

    [ChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sign_in_that_was_somebody_elses_ends_all_sessions_and_shows_the_receipt(bool script)
    {
        await using var context = await server.NewBrowser(script ? 1280 : 390, script);
        var user = Actions.NewUser();
        var other = await server.Server.Api.Login(user, ip: Places.Tokyo);
        var own = await server.LogIn(context, user);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/account/sessions/");

        await page.Locator($"[href=\"/account/sessions/{other.Uuid}/not-me/\"]").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "End all sessions, it was not me" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "All sessions have ended" })).ToBeVisibleAsync();
        await page.GetByText("Receipt").ClickAsync();
        await Assertions.Expect(page.GetByText(own.Uuid)).ToBeVisibleAsync();
        Assert.Empty(script ? await Faults(page, "account-not-me-done-1280") : []);
        Assert.Equal("revoked", await server.Server.Api.WhyNot(own.Token));
        Assert.Equal("revoked", await server.Server.Api.WhyNot(other.Token, Places.Tokyo));
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Sign in", Exact = true })).ToHaveAttributeAsync("href", "/login?next=%2Faccount%2Fsessions%2F");
    }

    [ChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_ends_one_session_by_keyboard_and_then_all_others_also_without_a_script(bool script)
    {
        await using var context = await server.NewBrowser(script: script);
        var user = Actions.NewUser();
        var (other, third) = (await server.Server.Api.Login(user, ip: Places.Tokyo), await server.Server.Api.Login(user, ip: Places.Hamburg));
        await server.LogIn(context, user);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/account/sessions/");

        await page.Locator($"[popovertarget=\"end-{other.Uuid}\"]").First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync(script ? "Shift+Tab" : "Escape");
        await Assertions.Expect(page.Locator($"#end-{other.Uuid}").First).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.GetByText("The session has ended, everywhere.")).ToBeVisibleAsync();
        Assert.Equal("revoked", await server.Server.Api.WhyNot(other.Token, Places.Tokyo));
        Assert.Null(await server.Server.Api.WhyNot(third.Token, Places.Hamburg));

        await page.GetByRole(AriaRole.Link, new() { Name = "End all others" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "End 1 session" }).ClickAsync();

        await Assertions.Expect(page.GetByText("All your other sessions have ended, everywhere.")).ToBeVisibleAsync();
        Assert.Equal("revoked", await server.Server.Api.WhyNot(third.Token, Places.Hamburg));
    }

    [ChromiumTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_operator_ends_a_session_and_switches_a_user_off_and_on_also_without_a_script(bool script)
    {
        await using var context = await server.NewBrowser(390, script);
        var user = Actions.NewUser();
        var (first, second) = (await server.Server.Api.Login(user), await server.Server.Api.Login(user, ip: Places.Tokyo));
        var page = await server.OpenConsole(context);

        await page.GotoAsync($"/admin/sessions/{first.Uuid}/");
        await page.Locator("[popovertarget=end]").First.ClickAsync();
        await page.GetByLabel("Reason").FillAsync("lost laptop");
        await page.Locator("#end .danger").ClickAsync();
        await Assertions.Expect(page.GetByText("Refused everywhere")).ToBeVisibleAsync();
        Assert.Equal("revoked", await server.Server.Api.WhyNot(first.Token));

        await page.GotoAsync($"/admin/users/{user}/");
        await page.Locator("[popovertarget=off]").First.ClickAsync();
        await page.Locator("#off .danger").ClickAsync();
        await Assertions.Expect(page.GetByText("The user is deactivated")).ToBeVisibleAsync();
        Assert.Equal("user_inactive", await server.Server.Api.WhyNot(second.Token, Places.Tokyo));
        (await server.Server.Api.TryLogin(user)).Is(403);

        await page.GetByRole(AriaRole.Button, new() { Name = "Activate" }).ClickAsync();
        await Assertions.Expect(page.GetByText("logins succeed again")).ToBeVisibleAsync();
        (await server.Server.Api.TryLogin(user)).Is(201);
    }

    [ChromiumFact]
    public async Task The_overview_is_refreshed_by_itself()
    {
        await using var context = await server.NewBrowser();
        var page = await server.OpenConsole(context);

        await Assertions.Expect(page.GetByText("Live, last at")).ToBeVisibleAsync();
        var user = Actions.NewUser();
        await server.Server.Api.Login(user);
        await Assertions.Expect(page.Locator("#newest").GetByText($"name-{user}")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task The_event_log_shows_what_is_new_by_itself_and_moves_nobodys_focus()
    {
        await using var context = await server.NewBrowser();
        var (first, second) = (Actions.NewUser(), Actions.NewUser());
        await server.Server.Api.Login(first);
        var page = await server.OpenConsole(context);
        await page.GotoAsync("/admin/events/");
        var link = page.GetByRole(AriaRole.Link, new() { Name = $"name-{first}" }).First;
        await link.FocusAsync();

        await server.Server.Api.Login(second);

        await Assertions.Expect(page.Locator("tbody.fresh").GetByText($"name-{second}").First).ToBeVisibleAsync();
        await Assertions.Expect(link).ToBeFocusedAsync();
        await Assertions.Expect(page.GetByText("Live, last at")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task The_charts_and_the_map_are_replaced_every_minute_and_what_is_unfolded_stays_so()
    {
        await using var context = await server.NewBrowser();
        var page = await server.OpenConsole(context);
        await page.Clock.InstallAsync();
        await page.ReloadAsync();
        await page.GetByText("Figures").First.ClickAsync();
        foreach (var part in (string[])["charts", "places", "endings"])
        {
            await page.EvaluateAsync($"document.getElementById('{part}').dataset.old = 'yes'");
        }

        await page.Clock.RunForAsync(61_000);

        foreach (var part in (string[])["charts", "places", "endings"])
        {
            await Assertions.Expect(page.Locator($"#{part}:not([data-old])")).ToBeVisibleAsync();
        }

        await Assertions.Expect(page.Locator("#figures-1 table")).ToBeVisibleAsync();
    }

    /// <summary>What axe says of a page as it stands, and whether it scrolls sideways. It keeps a screenshot.</summary>
    private static async Task<IEnumerable<string>> Faults(IPage page, string name)
    {
        var found = await page.RunAxe();
        var scrolls = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth") > 0;
        await page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, name + ".png"), FullPage = true });
        return found.Violations.Select(violation => $"{page.Url}: {violation.Id}: {string.Join(" | ", violation.Nodes.Take(3).Select(node => node.Html))}")
            .Concat(scrolls ? [$"{page.Url} scrolls sideways."] : []);
    }
}
