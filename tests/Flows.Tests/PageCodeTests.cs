using System.Net;

namespace SessionCluster.Flows.Tests;

/// <summary>The one-time code by which a plan's page is opened.</summary>
public sealed class PageCodeTests(FlowServer server) : IClassFixture<FlowServer>
{
    private const string Page = $"/if/flow/{FlowApi.Slug}/";

    [Fact]
    public async Task The_code_is_exchanged_once_for_a_cookie_and_leaves_the_address()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("coded", "ask"));

        using var first = await server.Api.Open(plan.Page);
        using var second = await server.Api.Open(plan.Page);

        Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        Assert.Equal(Page, first.Headers.Location!.OriginalString);
        Assert.Equal("no-store", first.Headers.CacheControl!.ToString());
        Assert.Equal("no-referrer", first.Headers.GetValues("Referrer-Policy").Single());
        var line = first.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("; HttpOnly", line, StringComparison.Ordinal);
        Assert.Contains("; SameSite=Lax", line, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, second.StatusCode);
        Assert.False(second.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Of_twenty_exchanges_at_once_one_gets_the_cookie()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("coded-race", "ask"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.Api.Open(plan.Page)));

        Assert.Single(answers, answer => FlowApi.Cookie(answer, Names.PlanCookie) is not null);
    }

    [Fact]
    public async Task A_reload_of_the_address_with_the_code_goes_on_with_the_cookie()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("reloaded", "ask"));
        var cookie = await server.Api.Exchange(plan);

        using var answer = await server.Api.Open(plan.Page, cookie);

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_code_is_not_good_after_a_minute_nor_for_another_flow_nor_as_a_plan_token()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("coded-late", "ask"));
        foreach (var page in (string[])[plan.Page.Replace(FlowApi.Slug, "other", StringComparison.Ordinal), $"{Page}?code={plan.Token}", $"{Page}?code="])
        {
            using var wrong = await server.Api.Open(page);
            Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        }

        server.Time.Advance(TimeSpan.FromSeconds(61));

        using var late = await server.Api.Open(plan.Page);
        Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
    }
}
