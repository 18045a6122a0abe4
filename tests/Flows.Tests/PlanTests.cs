using System.Net;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.LoginStage;
using SessionCluster.Silo.Storage;
using SessionCluster.Silo.Sweeping;

namespace SessionCluster.Flows.Tests;

public sealed class PlanTests(FlowServer server) : IClassFixture<FlowServer>
{
    [Theory]
    [InlineData("/", true)]
    [InlineData("/app?x=1#y", true)]
    [InlineData("/ä", true)]
    [InlineData("https://app.example.com/start", true)]
    [InlineData("https://app.example.com:443/", true)]
    [InlineData("//evil.example", false)]
    [InlineData("/\\evil.example", false)]
    [InlineData("/a\\b", false)]
    [InlineData("/a\nb", false)]
    [InlineData("/\t/evil.example", false)]
    [InlineData("relative", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("http://app.example.com/", false)]
    [InlineData("https://app.example.com.evil.example/", false)]
    [InlineData("https://user@app.example.com/", false)]
    [InlineData("https://evil.example/", false)]
    [InlineData(" /", false)]
    [InlineData("/if/flow/x/?code=y", false)]
    [InlineData("/a/%2e%2e/api/v3/flows/executor/x/?plan=y", false)]
    public async Task Next_leads_to_this_site_or_an_allowed_origin_only(string next, bool allowed)
    {
        var body = FlowApi.PlanOf("next");
        body["context"] = new { next };

        using var answer = await server.Api.PostPlan(body);

        Assert.Equal(allowed ? HttpStatusCode.Created : HttpStatusCode.BadRequest, answer.StatusCode);
        if (!allowed)
        {
            Assert.True((await FlowApi.Json(answer)).GetProperty("errors").TryGetProperty("context.next", out _));
        }
    }

    [Theory]
    [InlineData("flow_slug", null)]
    [InlineData("flow_slug", "a/b")]
    [InlineData("flow_slug", "")]
    [InlineData("stage", null)]
    [InlineData("stage", "no such stage")]
    [InlineData("client", null)]
    public async Task A_plan_without_a_flow_a_stage_or_a_client_is_refused(string field, string? value)
    {
        var body = FlowApi.PlanOf("fields");
        body[field] = value;

        using var answer = await server.Api.PostPlan(body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True((await FlowApi.Json(answer)).GetProperty("errors").TryGetProperty(field, out _));
    }

    /// <summary>As any member that a plan does not know.</summary>
    [Fact]
    public async Task An_answer_in_a_plan_is_passed_over_and_the_browser_is_asked()
    {
        var body = FlowApi.PlanOf("answered", "ask");
        body["remember_me"] = "yes";

        using var answer = await server.Api.Get(await server.Api.MakePlan(body));

        Assert.Equal(Names.Challenge, await FlowApi.Component(answer));
    }

    [Fact]
    public async Task A_plan_is_for_services_only()
    {
        using var answer = await server.Api.Send(HttpMethod.Post, "/api/v3/flows/plans/", FlowApi.PlanOf("nobody"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_plan_without_a_pending_user_runs_into_access_denied()
    {
        foreach (var without in (Action<Dictionary<string, object?>>[])[body => body.Remove("pending_user"), body => body["pending_user"] = null])
        {
            var body = FlowApi.PlanOf("none");
            without(body);
            var plan = await server.Api.MakePlan(body);

            using var answer = await server.Api.Get(plan);

            var json = await FlowApi.Json(answer);
            Assert.Equal(Names.Denied, json.GetProperty("component").GetString());
            Assert.Equal("No Pending user to login.", json.GetProperty("error_message").GetString());
            Assert.Equal("", json.GetProperty("pending_user").GetString());
        }
    }

    [Fact]
    public async Task A_plan_of_an_inactive_user_is_denied_without_a_reason()
    {
        var body = FlowApi.PlanOf("inactive", "ask");
        body["pending_user"] = new { pk = "inactive", username = "name-inactive", is_active = false };
        var plan = await server.Api.MakePlan(body);

        using var answer = await server.Api.Get(plan);

        var json = await FlowApi.Json(answer);
        Assert.Equal(Names.Denied, json.GetProperty("component").GetString());
        Assert.Equal("Unknown error", json.GetProperty("error_message").GetString());
        Assert.Empty(await server.Api.Sessions("inactive"));
        Assert.Equal(0, await server.Api.Logins("inactive"));
    }

    [Fact]
    public async Task A_refused_login_does_not_use_the_plan_up()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("refused"));
        (await SetActive("deactivate")).Dispose();
        using (var refused = await server.Api.Solve(plan, new { remember_me = true }))
        {
            Assert.Equal(Names.Denied, await FlowApi.Component(refused));
        }

        (await SetActive("activate")).Dispose();

        using var answer = await server.Api.Solve(plan, new { remember_me = true });
        Assert.Equal(Names.Redirect, await FlowApi.Component(answer));

        Task<HttpResponseMessage> SetActive(string verb) => server.Api.Send(
            HttpMethod.Post, $"/api/v3/users/refused/{verb}/", null, ("Authorization", $"Bearer {FlowApi.Key}"));
    }

    [Fact]
    public async Task A_deleted_stage_denies()
    {
        await server.Api.Stage(new { name = "short-lived" });
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("stageless", "short-lived"));
        using (var stages = await server.Api.Send(
            HttpMethod.Get, "/api/v3/stages/user_login/?name=short-lived", null, ("Authorization", $"Bearer {FlowApi.Key}")))
        {
            var pk = (await FlowApi.Json(stages)).GetProperty("results")[0].GetProperty("pk").GetString();
            (await server.Api.Send(HttpMethod.Delete, $"/api/v3/stages/user_login/{pk}/", null, ("Authorization", $"Bearer {FlowApi.Key}"))).Dispose();
        }

        using var answer = await server.Api.Get(plan);

        Assert.Equal(Names.Denied, await FlowApi.Component(answer));
    }

    [Fact]
    public async Task A_plan_is_denied_once_it_is_over_and_the_sweeper_deletes_it_then()
    {
        var first = await server.Api.MakePlan(FlowApi.PlanOf("late"));
        var second = await server.Api.MakePlan(FlowApi.PlanOf("late"));
        server.Time.Advance(TimeSpan.FromMinutes(14));
        using (var inTime = await server.Api.Get(first))
        {
            Assert.Equal(Names.Redirect, await FlowApi.Component(inTime));
        }

        server.Time.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(1));

        using var late = await server.Api.Get(second);

        Assert.Equal(Names.Denied, await FlowApi.Component(late));
        await Sweep();
        Assert.Equal(0, await Plans.PrunePlans(server.Time.GetUtcNow() - IPlanGrain.Lifetime, 100));
        // The first one was used a minute ago: it is over, and goes a lifetime after that.
        Assert.Equal(1, await Plans.PrunePlans(server.Time.GetUtcNow(), 100));
    }

    private SweptRows Plans => server.Services.GetRequiredService<SweptRows>();

    private Task Sweep() => ActivatorUtilities.CreateInstance<Sweeper>(server.Services).Sweep(default);
}
