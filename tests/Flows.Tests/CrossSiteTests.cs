using System.Net;

namespace SessionCluster.Flows.Tests;

/// <summary>Who can have somebody else's browser answer a plan, and be logged in as whom the plan says.</summary>
public sealed class CrossSiteTests(FlowServer server) : IClassFixture<FlowServer>
{
    [Theory]
    [InlineData("url", "cross-site", false)]
    [InlineData("url", "none", false)]
    [InlineData("url", "same-origin", true)]
    [InlineData("url", "same-origin", false, "navigate")]
    [InlineData("url", "same-site", false, "navigate")]
    [InlineData("url", "same-site", true, "cors")]
    [InlineData("url", null, true)]
    [InlineData("url", null, false, "text/html")]
    [InlineData("cookie", null, true)]
    [InlineData("cookie", null, false, "text/html")]
    [InlineData("header", "cross-site", true)]
    [InlineData("cookie", "cross-site", false)]
    [InlineData("cookie", "same-site", false)]
    [InlineData("cookie", "none", false)]
    [InlineData("cookie", "same-origin", true)]
    [InlineData("url", "same-origin", true, "cors", "Sec-Fetch-Dest: empty")]
    [InlineData("url", "same-origin", false, "no-cors", "Sec-Fetch-Dest: image")]
    [InlineData("url", "same-origin", false, "cors", "Sec-Fetch-Dest: image")]
    [InlineData("url", "same-origin", false, "no-cors", "Sec-Fetch-Dest: empty")]
    [InlineData("cookie", "same-origin", false, "no-cors", "Sec-Fetch-Dest: image")]
    [InlineData("url", null, true, "*/*")]
    [InlineData("url", null, false, "*/*", "Range: bytes=0-")]
    [InlineData("url", null, false, "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8")]
    [InlineData("url", null, false, "text/css,*/*;q=0.1")]
    [InlineData("cookie", null, false, "image/png,image/*;q=0.8,*/*;q=0.5")]
    public async Task Neither_another_site_nor_a_link_nor_an_image_can_have_a_plan_answered_by_get(
        string place, string? fetchSite, bool accepted, string fetchMode = "cors", string? more = null)
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("forced"));
        var path = place == "url" ? $"{plan.Executor}?plan={plan.Token}" : plan.Executor;
        // To addresses with http browsers send no Sec-Fetch headers, but say what they make of the answer.
        List<(string, string)> headers = fetchSite is null ? [("Accept", fetchMode == "cors" ? "application/json" : fetchMode)] : [("Sec-Fetch-Site", fetchSite), ("Sec-Fetch-Mode", fetchMode)];
        headers.AddRange(place switch
        {
            "header" => [("X-Flow-Plan", plan.Token)],
            "cookie" => [("Cookie", $"{Names.PlanCookie}={plan.Token}")],
            _ => Array.Empty<(string, string)>(),
        });
        if (more?.Split(": ") is [var name, var value])
        {
            headers.Add((name, value));
        }

        using var answer = await server.Api.Send(HttpMethod.Get, path, null, [.. headers]);

        Assert.Equal(accepted ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(accepted, FlowApi.Cookie(answer, Names.SessionCookie) is not null);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("cross-site", null, false)]
    [InlineData("same-site", "own", false)]
    [InlineData("same-origin", null, true)]
    [InlineData(null, "own", true)]
    [InlineData(null, "https://evil.example", false)]
    [InlineData(null, "null", false)]
    public async Task A_post_with_the_plan_in_the_cookie_must_come_from_this_site(string? fetchSite, string? origin, bool accepted)
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("posted", "ask"));
        List<(string, string)> headers = [("Cookie", $"{Names.PlanCookie}={plan.Token}")];
        if (fetchSite is not null)
        {
            headers.Add(("Sec-Fetch-Site", fetchSite));
        }

        if (origin is not null)
        {
            headers.Add(("Origin", origin == "own" ? server.Api.Url : origin));
        }

        using var answer = await server.Api.Send(HttpMethod.Post, plan.Executor, new { remember_me = true }, [.. headers]);

        Assert.Equal(accepted ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        if (accepted)
        {
            Assert.Equal("", FlowApi.Cookie(answer, Names.PlanCookie));
        }
        else
        {
            Assert.Equal("csrf", (await FlowApi.Json(answer)).GetProperty("type").GetString());
        }
    }
}
