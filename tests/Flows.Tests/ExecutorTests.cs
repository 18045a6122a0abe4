using System.Net;
using System.Text.Json;

namespace SessionCluster.Flows.Tests;

public sealed class ExecutorTests(FlowServer server) : IClassFixture<FlowServer>
{
    private static readonly (string, string) Service = ("Authorization", $"Bearer {FlowApi.Key}");

    [Fact]
    public async Task The_challenge_has_every_member_that_the_published_client_wants()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("challenged", "ask"));

        using var answer = await server.Api.Get(plan);

        var json = await FlowApi.Json(answer);
        Assert.Equal(Names.Challenge, json.GetProperty("component").GetString());
        Assert.Equal("name-challenged", json.GetProperty("pending_user").GetString());
        Assert.StartsWith("data:image/svg+xml;base64,", json.GetProperty("pending_user_avatar").GetString(), StringComparison.Ordinal);
        var flow = json.GetProperty("flow_info");
        Assert.Equal("Default authentication flow", flow.GetProperty("title").GetString());
        Assert.Equal("", flow.GetProperty("background").GetString());
        Assert.Equal(FlowServer.LoginUrl, flow.GetProperty("cancel_url").GetString());
        Assert.Equal("stacked", flow.GetProperty("layout").GetString());
        Assert.False(json.TryGetProperty("response_errors", out _));
        Assert.Empty(await server.Api.Sessions("challenged"));
    }

    [Theory]
    [InlineData("yes", true, 24 * 14)]
    [InlineData("no", false, 0)]
    public async Task Yes_adds_the_offset_and_no_does_not(string user, bool answer, int hoursMore)
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf(user, "ask"));

        using var redirect = await server.Api.Solve(plan, new { component = Names.Challenge, remember_me = answer }, Service);

        var json = await FlowApi.Json(redirect);
        Assert.Equal(Names.Redirect, json.GetProperty("component").GetString());
        Assert.Equal("/", json.GetProperty("to").GetString());
        var session = json.GetProperty("session");
        var life = session.GetProperty("expires").GetDateTimeOffset() - session.GetProperty("created").GetDateTimeOffset();
        Assert.Equal(TimeSpan.FromHours(1 + hoursMore), life);
    }

    [Theory]
    [InlineData("{}", "required")]
    [InlineData("", "required")]
    [InlineData("{\"component\":\"ak-stage-user-login\"}", "required")]
    [InlineData("not JSON", "required")]
    [InlineData("[true]", "required")]
    [InlineData("{\"remember_me\":true,\"remember_me\":false}", "required")]
    [InlineData("{\"remember_me\":null}", "null")]
    [InlineData("{\"remember_me\":\"true\"}", "invalid")]
    [InlineData("{\"remember_me\":1}", "invalid")]
    [InlineData("{\"remember_me\":[]}", "invalid")]
    public async Task Anything_but_a_boolean_is_the_challenge_again_and_does_not_use_the_plan_up(string body, string code)
    {
        var user = $"wrong-{Math.Abs(body.GetHashCode(StringComparison.Ordinal))}";
        var plan = await server.Api.MakePlan(FlowApi.PlanOf(user, "ask"));

        using var answer = await server.Api.Solve(plan, body);

        var json = await FlowApi.Json(answer);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Names.Challenge, json.GetProperty("component").GetString());
        var error = json.GetProperty("response_errors").GetProperty("remember_me")[0];
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEqual("", error.GetProperty("string").GetString());
        Assert.Empty(await server.Api.Sessions(user));
        using var right = await server.Api.Solve(plan, new { remember_me = false });
        Assert.Equal(Names.Redirect, await FlowApi.Component(right));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_a_prompt_get_and_post_both_log_in(bool post)
    {
        var user = $"promptless-{post}";
        var plan = await server.Api.MakePlan(FlowApi.PlanOf(user));

        using var answer = post ? await server.Api.Solve(plan, "{}") : await server.Api.Get(plan);

        Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
        Assert.Single(await server.Api.Sessions(user));
        Assert.NotNull(FlowApi.Cookie(answer, Names.SessionCookie));
        Assert.NotNull(FlowApi.Cookie(answer, Names.DeviceCookie));
        var json = await FlowApi.Json(answer);
        Assert.False(json.TryGetProperty("token", out _));
        Assert.False(json.TryGetProperty("session", out _));
    }

    [Fact]
    public async Task The_session_comes_from_where_the_plan_says_and_not_from_the_answering_connection()
    {
        var body = FlowApi.PlanOf("placed");
        body["client"] = new { ip = "198.51.100.7", user_agent = "plan-agent" };
        var plan = await server.Api.MakePlan(body);

        using var answer = await server.Api.Solve(plan, "{}", Service, ("User-Agent", "answering-agent"));

        var session = (await FlowApi.Json(answer)).GetProperty("session");
        Assert.Equal("198.51.100.7", session.GetProperty("last_ip").GetString());
        Assert.Equal("plan-agent", session.GetProperty("last_user_agent").GetString());
    }

    [Fact]
    public async Task A_service_without_the_login_role_gets_no_more_than_a_browser()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("managed"));

        using var answer = await server.Api.Get(plan, ("Authorization", $"Bearer {FlowApi.ManagerKey}"));

        Assert.Equal(["component", "to"], (await FlowApi.Json(answer)).EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task A_service_with_the_login_role_also_gets_what_a_login_gives()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("served"));

        using var answer = await server.Api.Get(plan, Service);

        var json = await FlowApi.Json(answer);
        var cookie = json.GetProperty("cookies")[0];
        Assert.Equal(json.GetProperty("token").GetString(), cookie.GetProperty("value").GetString());
        Assert.Equal(FlowApi.Cookie(answer, Names.SessionCookie), cookie.GetProperty("value").GetString());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("receipt").ValueKind);
        Assert.Equal(Assert.Single(await server.Api.Sessions("served")), json.GetProperty("session").GetProperty("uuid").GetString());
    }

    [Theory]
    [InlineData("?plan={0}")]
    [InlineData("?query=plan%3D{0}")]
    [InlineData("?query=next%3D%252F%26plan%3D{0}")]
    public async Task A_plan_may_come_in_the_url(string query)
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("by-url"));

        using var answer = await server.Api.Send(HttpMethod.Get, plan.Executor + query.Replace("{0}", plan.Token, StringComparison.Ordinal), null);

        Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?query=")]
    [InlineData("?plan=")]
    [InlineData("?plan=AdDqqAEdBkTLqaN_0rC7Qk5mie3tE6k39-PgnWmkTU74")]
    [InlineData("?query=%00")]
    public async Task A_missing_or_forged_plan_is_access_denied(string query)
    {
        using var answer = await server.Api.Send(HttpMethod.Get, $"/api/v3/flows/executor/{FlowApi.Slug}/{query}", null);

        if (query == "?query=%00")
        {
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            return;
        }

        var json = await FlowApi.Json(answer);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Names.Denied, json.GetProperty("component").GetString());
        Assert.Equal("", json.GetProperty("pending_user").GetString());
        Assert.NotEqual("", json.GetProperty("pending_user_avatar").GetString());
        Assert.NotEqual("", json.GetProperty("error_message").GetString());
    }

    [Fact]
    public async Task An_answer_without_a_plan_is_access_denied()
    {
        using var answer = await server.Api.Send(HttpMethod.Post, $"/api/v3/flows/executor/{FlowApi.Slug}/", new { component = "ak-stage-user-login", remember_me = true });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Names.Denied, (await FlowApi.Json(answer)).GetProperty("component").GetString());
    }

    [Fact]
    public async Task A_code_a_session_token_and_an_altered_plan_are_no_plans()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("confused"));
        var (token, _) = await server.Api.LogIn("confused-other");
        var code = plan.Page[(plan.Page.IndexOf('=', StringComparison.Ordinal) + 1)..];
        var altered = plan.Token[..^1] + (plan.Token[^1] == 'A' ? 'B' : 'A');
        foreach (var other in (string[])[code, token, altered, plan.Token[..^1], plan.Token + "A"])
        {
            using var answer = await server.Api.Get(plan with { Token = other });
            Assert.Equal(Names.Denied, await FlowApi.Component(answer));
        }

        Assert.Empty(await server.Api.Sessions("confused"));
    }

    [Fact]
    public async Task A_plan_answers_under_its_own_flow_only_and_any_flow_works()
    {
        var body = FlowApi.PlanOf("enrolled");
        body["flow_slug"] = "default-enrollment-flow";
        var plan = await server.Api.MakePlan(body);
        Assert.Equal("/api/v3/flows/executor/default-enrollment-flow/", plan.Executor);

        using var foreign = await server.Api.Get(plan with { Executor = $"/api/v3/flows/executor/{FlowApi.Slug}/" });
        using var own = await server.Api.Get(plan);

        Assert.Equal(Names.Denied, await FlowApi.Component(foreign));
        Assert.Equal(Names.Redirect, await FlowApi.Component(own));
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Session wrong")]
    [InlineData("Basic eDp5")]
    public async Task Wrong_credentials_are_refused(string authorization)
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("wrong-key"));

        using var answer = await server.Api.Get(plan, ("Authorization", authorization));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }
}
