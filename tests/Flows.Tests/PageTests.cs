using System.Net;

namespace SessionCluster.Flows.Tests;

public sealed class PageTests(FlowServer server) : IClassFixture<FlowServer>
{
    private const string Page = $"/if/flow/{FlowApi.Slug}/";

    private static readonly (string, string) SameOrigin = ("Sec-Fetch-Site", "same-origin");

    [Fact]
    public async Task The_page_asks_the_pending_user_by_name_with_nothing_from_elsewhere()
    {
        var body = FlowApi.PlanOf("asked", "ask");
        body["pending_user"] = new { pk = "asked", username = "<b>&\"jane", name = "</p><script>" };
        var plan = await server.Api.MakePlan(body);

        using var answer = await server.Api.Open(Page, await server.Api.Exchange(plan), ("User-Agent", "agent-of-plan"));

        var html = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("Stay signed in?", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;&amp;&quot;jane", html, StringComparison.Ordinal);
        Assert.Contains(">Yes<", html, StringComparison.Ordinal);
        Assert.Contains(">No<", html, StringComparison.Ordinal);
        // Its only script is a file of ours, which it can do without: these tests have none.
        Assert.Equal(1, html.Split("<script", StringSplitOptions.None).Length - 1);
        Assert.Contains("<script src=\"/if/assets/", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(plan.Token, html, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(System.Buffers.Text.Base64Url.DecodeFromChars(plan.Token).AsSpan(1, 16)), html, StringComparison.OrdinalIgnoreCase);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'self'; object-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Empty(await server.Api.Sessions("asked"));
    }

    [Theory]
    [InlineData("true", 24 * 14)]
    [InlineData("false", 0)]
    public async Task The_form_logs_in_and_leads_on(string value, int hoursMore)
    {
        var user = $"formed-{value}";
        var body = FlowApi.PlanOf(user, "ask");
        body["context"] = new { next = "/a b/ä" };
        var cookie = await server.Api.Exchange(await server.Api.MakePlan(body));

        using var answer = await Post(cookie, $"remember_me={value}", SameOrigin);

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("/a%20b/%C3%A4", answer.Headers.Location!.OriginalString);
        Assert.Equal("", FlowApi.Cookie(answer, Names.PlanCookie));
        var life = TimeSpan.FromSeconds(MaxAge(answer));
        Assert.InRange(life, TimeSpan.FromHours(1 + hoursMore) - TimeSpan.FromMinutes(1), TimeSpan.FromHours(1 + hoursMore));
        Assert.Single(await server.Api.Sessions(user));
        Assert.NotEqual("", Assert.IsType<string>(FlowApi.Cookie(answer, Names.DeviceCookie)));
        using var again = await Post(cookie, $"remember_me={value}", SameOrigin);
        Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
        Assert.Single(await server.Api.Sessions(user));
    }

    [Theory]
    [InlineData("")]
    [InlineData("remember_me=maybe")]
    [InlineData("remember_me=true&remember_me=false")]
    public async Task A_form_without_an_answer_is_asked_again(string form)
    {
        var cookie = await server.Api.Exchange(await server.Api.MakePlan(FlowApi.PlanOf("unanswered", "ask")));

        using var answer = await Post(cookie, form, SameOrigin);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("Please choose Yes or No.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(await server.Api.Sessions("unanswered"));
    }

    [Theory]
    [InlineData("ask", "remember_me=true", true)]
    [InlineData("ask", "remember_me=true", false)]
    [InlineData("ask", "not_me=true", true)]
    [InlineData("default", "", true)]
    [InlineData("default", "not_me=true", false)]
    public async Task What_was_answered_about_one_person_neither_logs_in_nor_refuses_another_whose_plan_was_opened_since(string stage, string form, bool hasMark)
    {
        var (asked, other) = ($"asked-{stage}-{form}-{hasMark}", $"other-{stage}-{form}-{hasMark}");
        var first = await Mark(await server.Api.Exchange(await server.Api.MakePlan(FlowApi.PlanOf(asked, stage))));
        var cookie = await server.Api.Exchange(await server.Api.MakePlan(FlowApi.PlanOf(other, stage)));

        using var answer = await PostAs(cookie, hasMark ? $"{form}&asked={first}" : form, SameOrigin);

        var html = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains($"name-{other}", html, StringComparison.Ordinal);
        Assert.Contains("Another login was opened", html, StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.Empty(await server.Api.Sessions(asked));
        Assert.Empty(await server.Api.Sessions(other));
        using var again = await Post(cookie, stage == "ask" ? "remember_me=true" : "", SameOrigin);
        Assert.Equal(HttpStatusCode.SeeOther, again.StatusCode);
        Assert.Single(await server.Api.Sessions(other));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    [InlineData("none")]
    public async Task A_form_from_elsewhere_is_refused(string? fetchSite)
    {
        var cookie = await server.Api.Exchange(await server.Api.MakePlan(FlowApi.PlanOf("elsewhere", "ask")));

        using var answer = fetchSite is null
            ? await Post(cookie, "remember_me=true")
            : await Post(cookie, "remember_me=true", ("Sec-Fetch-Site", fetchSite));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("csrf", (await FlowApi.Json(answer)).GetProperty("type").GetString());
        Assert.Empty(await server.Api.Sessions("elsewhere"));
    }

    [Theory]
    [InlineData("agent-of-plan", "192.0.2.1", "cross-site", true)]
    [InlineData("agent-of-plan", "192.0.2.2", "cross-site", false)]
    [InlineData("agent-of-plan", "192.0.2.2", "none", false)]
    [InlineData("agent-of-plan", "192.0.2.2", "", false)]
    [InlineData("another", "192.0.2.1", "same-site", false)]
    [InlineData("", "192.0.2.1", "", false)]
    [InlineData("another", "192.0.2.2", "same-origin", true)]
    public async Task Without_a_prompt_the_page_logs_in_at_once_from_our_own_page_or_for_the_plans_client_and_waits_for_a_click_else(
        string agent, string address, string fetchSite, bool atOnce)
    {
        var user = $"agent-{agent}-{address}-{fetchSite}-";
        var cookie = await server.Api.Exchange(await server.Api.MakePlan(FlowApi.PlanOf(user)));
        (string, string)[] site = fetchSite.Length > 0 ? [("Sec-Fetch-Site", fetchSite)] : [];

        using var answer = await server.Api.Open(Page, cookie, [("User-Agent", agent), ("X-Forwarded-For", address), .. site]);

        Assert.Equal(atOnce ? HttpStatusCode.SeeOther : HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(atOnce ? 1 : 0, (await server.Api.Sessions(user)).Length);
        if (!atOnce)
        {
            using var click = await Post(cookie, "", SameOrigin, ("User-Agent", agent));
            Assert.Equal(HttpStatusCode.SeeOther, click.StatusCode);
            Assert.Single(await server.Api.Sessions(user));
        }
    }

    /// <summary>An image in a page of the site comes as from that page, whoever chose its address.</summary>
    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image")]
    [InlineData(HttpStatusCode.Forbidden, "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: image")]
    [InlineData(HttpStatusCode.Forbidden, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe")]
    [InlineData(HttpStatusCode.Forbidden, "Accept: image/png,image/*;q=0.8,*/*;q=0.5")]
    [InlineData(HttpStatusCode.OK, "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty")]
    [InlineData(HttpStatusCode.OK, "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: empty", "Accept: text/html; blazor-enhanced-nav=on")]
    [InlineData(HttpStatusCode.OK, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Purpose: prefetch;prerender")]
    [InlineData(HttpStatusCode.SeeOther, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")]
    [InlineData(HttpStatusCode.SeeOther, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: empty")]
    [InlineData(HttpStatusCode.SeeOther, "Accept: text/html,application/xhtml+xml,*/*;q=0.8")]
    public async Task The_page_is_no_image_and_logs_in_by_itself_only_when_it_is_opened(HttpStatusCode status, params string[] headers)
    {
        var user = $"loaded-{string.Join('-', headers).GetHashCode(StringComparison.Ordinal)}";
        var plan = await server.Api.MakePlan(FlowApi.PlanOf(user));
        (string, string)[] sent =
        [
            ("User-Agent", "agent-of-plan"), ("X-Forwarded-For", "192.0.2.1"), ("Sec-Fetch-Site", "same-origin"),
            .. headers.Select(header => header.Split(": ")).Select(parts => (parts[0], parts[1])),
        ];

        using var exchange = await server.Api.Open(plan.Page, null, sent);
        var cookie = FlowApi.Cookie(exchange, Names.PlanCookie);
        Assert.Equal(status == HttpStatusCode.Forbidden, cookie is null);
        using var answer = await server.Api.Open(Page, cookie ?? await server.Api.Exchange(plan), sent);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(status == HttpStatusCode.SeeOther ? 1 : 0, (await server.Api.Sessions(user)).Length);
    }

    [Fact]
    public async Task A_link_that_another_site_opens_leaves_the_session_of_the_browser_alone()
    {
        var (token, uuid) = await server.Api.LogIn("victim");
        var cookie = await server.Api.Exchange(await server.Api.MakePlan(FlowApi.PlanOf("attacker")));

        using var answer = await server.Api.Send(
            HttpMethod.Get, Page, null, ("Cookie", $"{Names.PlanCookie}={cookie}; {Names.SessionCookie}={token}"), ("User-Agent", "agent-of-plan"),
            ("Sec-Fetch-Site", "cross-site"), ("X-Forwarded-For", "198.51.100.7"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("name-attacker", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal([uuid], await server.Api.Sessions("victim"));
        Assert.Empty(await server.Api.Sessions("attacker"));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("ask")]
    public async Task This_is_not_me_ends_the_plan(string stage)
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("not-me", stage));
        var cookie = await server.Api.Exchange(plan);
        using var page = await server.Api.Open(Page, cookie);
        Assert.Contains("This is not me", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("form-action 'self' https: http:;", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        using var answer = await Post(cookie, "not_me=true", SameOrigin);

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(FlowServer.LoginUrl, answer.Headers.Location!.OriginalString);
        Assert.Equal("", FlowApi.Cookie(answer, Names.PlanCookie));
        using var again = await server.Api.Open(Page, cookie, SameOrigin);
        Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
        using var executor = await server.Api.Solve(plan, new { remember_me = true });
        Assert.Equal(Names.Denied, await FlowApi.Component(executor));
        Assert.Empty(await server.Api.Sessions("not-me"));
    }

    [Fact]
    public async Task A_plan_without_a_user_agent_waits_for_a_click()
    {
        var body = FlowApi.PlanOf("agentless");
        body["client"] = new { ip = "192.0.2.1" };
        var cookie = await server.Api.Exchange(await server.Api.MakePlan(body));

        using var answer = await server.Api.Open(Page, cookie);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await server.Api.Sessions("agentless"));
    }

    [Fact]
    public async Task The_form_may_lead_to_the_allowed_origin_that_the_plan_names_and_to_where_that_redirects()
    {
        var body = FlowApi.PlanOf("led", "ask");
        body["context"] = new { next = "https://app.example.com/start" };
        var cookie = await server.Api.Exchange(await server.Api.MakePlan(body));

        using var answer = await server.Api.Open(Page, cookie);

        Assert.Contains("form-action 'self' https: http:;", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stage_of_the_longest_durations_is_asked_about_as_any()
    {
        await server.Api.Stage(new { name = "longest", session_duration = "days=999999999", remember_me_offset = "days=999999999" });

        using var answer = await server.Api.Open(Page, await server.Api.Exchange(await server.Api.MakePlan(FlowApi.PlanOf("longest", "longest"))));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("Stay signed in?", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_plan_the_page_says_access_denied()
    {
        using var answer = await server.Api.Open(Page);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("Access denied", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>By which the forms of a plan's page say whom they ask about; empty where the plan is over.</summary>
    private async Task<string> Mark(string cookie)
    {
        using var page = await server.Api.Open(Page, cookie);
        var marks = (await page.Content.ReadAsStringAsync()).Split("name=\"asked\" value=\"").Skip(1).Select(text => text[..text.IndexOf('"', StringComparison.Ordinal)]).ToArray();
        Assert.Equal(page.StatusCode == HttpStatusCode.OK ? 2 : 0, marks.Length);
        return marks.Distinct().SingleOrDefault("");
    }

    /// <summary>Sends the form of the page that the plan's cookie opens.</summary>
    private async Task<HttpResponseMessage> Post(string cookie, string form, params (string, string)[] headers) =>
        await PostAs(cookie, $"{form}&asked={await Mark(cookie)}", headers);

    private Task<HttpResponseMessage> PostAs(string cookie, string form, params (string, string)[] headers) => server.Api.Send(
        HttpMethod.Post, Page, new StringContent(form, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"),
        [("Cookie", $"{Names.PlanCookie}={cookie}"), .. headers]);

    private static double MaxAge(HttpResponseMessage answer)
    {
        var line = answer.Headers.GetValues("Set-Cookie").Single(text => text.StartsWith(Names.SessionCookie, StringComparison.Ordinal));
        var value = line.Split("Max-Age=")[1];
        return double.Parse(value[..value.IndexOf(';', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
    }
}
