using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace SessionCluster.Browser.Tests;

/// <summary>The bell as a person uses it.</summary>
[Collection(nameof(BrowserServer))]
public sealed class NotificationTests(BrowserServer server)
{
    [ChromiumTheory]
    [InlineData(1280, ColorScheme.Light, true)]
    [InlineData(390, ColorScheme.Dark, true)]
    [InlineData(390, ColorScheme.Light, false)]
    public async Task A_person_is_told_of_a_login_by_the_bell_and_marks_it_as_seen_also_without_a_script(int width, ColorScheme colours, bool script)
    {
        var (api, user) = (server.Server.Api, Actions.NewUser());
        var transport = (await api.Get("/api/v3/events/transports/?name=default-local-transport")).Is(200).Json!["results"]![0]!["pk"];
        var matcher = (await api.Post("/api/v3/policies/event_matcher/", $$"""{"name": "m-{{user}}", "query": "action = \"login\" and user.pk = \"{{user}}\""}""")).Is(201).StringAt("pk");
        var rule = (await api.Post("/api/v3/events/rules/", $$"""{"name": "r-{{user}}", "transports": ["{{transport}}"], "severity": "warning", "destination_event_user": true}""")).Is(201).StringAt("pk");
        (await api.Post("/api/v3/policies/bindings/", $$"""{"target": "{{rule}}", "policy": "{{matcher}}", "order": 0}""")).Is(201);
        await using var context = await server.NewBrowser(width, script, colours);
        var login = await server.LogIn(context, user);
        await Poll.Until(async () => (await api.Get("/api/v3/events/notifications/", ("Authorization", $"Session {login.Token}"))).Is(200).Json!["results"]!.AsArray().Count == 1);

        var page = await context.NewPageAsync();
        await page.GotoAsync("/account/sessions/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Notifications 1 not seen" }).ClickAsync();
        await Assertions.Expect(page.GetByText("logged in from").First).ToBeVisibleAsync();
        if (script)
        {
            Assert.Empty((await page.RunAxe()).Violations.Select(violation => violation.Id));
            Assert.Equal(0, await page.EvaluateAsync<int>("Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Mark as seen" }).ClickAsync();

        await Assertions.Expect(page.GetByText("Seen", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Your sessions" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Notifications", Exact = true })).ToBeVisibleAsync();
    }
}
