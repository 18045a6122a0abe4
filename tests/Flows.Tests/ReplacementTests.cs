namespace SessionCluster.Flows.Tests;

public sealed class ReplacementTests(FlowServer server) : IClassFixture<FlowServer>
{
    [Theory]
    [InlineData("same", "plan")]
    [InlineData("same", "cookie")]
    [InlineData("same", "header")]
    [InlineData("other", "plan")]
    [InlineData("other", "cookie")]
    [InlineData("other", "header")]
    public async Task The_session_that_the_browser_had_is_replaced_by_a_new_one(string whose, string place)
    {
        var user = $"{whose}-{place}";
        var before = whose == "same" ? user : $"{user}-before";
        var (token, uuid) = await server.Api.LogIn(before);
        var body = FlowApi.PlanOf(user);
        if (place == "plan")
        {
            body["client"] = new { ip = "192.0.2.1", session_token = token };
        }

        var plan = await server.Api.MakePlan(body);

        using var answer = place switch
        {
            "cookie" => await server.Api.Get(plan, ("Cookie", $"{Names.SessionCookie}={token}")),
            "header" => await server.Api.Get(plan, ("Authorization", $"Session {token}")),
            _ => await server.Api.Get(plan),
        };

        Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
        Assert.NotEqual(uuid, Assert.Single(await server.Api.Sessions(user)));
        Assert.NotEqual(token, FlowApi.Cookie(answer, Names.SessionCookie));
        if (whose == "other")
        {
            Assert.Empty(await server.Api.Sessions(before));
        }
    }

    [Fact]
    public async Task Two_sessions_that_the_browser_had_by_plan_and_by_cookie_are_both_gone()
    {
        var (told, _) = await server.Api.LogIn("both");
        var (sent, _) = await server.Api.LogIn("both-other");
        var body = FlowApi.PlanOf("both");
        body["client"] = new { ip = "192.0.2.1", session_token = told };
        var plan = await server.Api.MakePlan(body);

        using var answer = await server.Api.Get(plan, ("Cookie", $"{Names.SessionCookie}={sent}"));

        Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
        Assert.Single(await server.Api.Sessions("both"));
        Assert.Empty(await server.Api.Sessions("both-other"));
    }

    [Fact]
    public async Task The_session_stays_when_the_stage_only_asks()
    {
        var (token, uuid) = await server.Api.LogIn("asked");
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("asked", "ask"));

        using var answer = await server.Api.Get(plan, ("Cookie", $"{Names.SessionCookie}={token}"));

        Assert.Equal(Names.Challenge, await FlowApi.Component(answer));
        Assert.Equal(uuid, Assert.Single(await server.Api.Sessions("asked")));
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("request")]
    [InlineData("nowhere")]
    public async Task The_device_cookie_of_the_browser_makes_the_device_known(string place)
    {
        var user = $"device-{place}";
        string device;
        using (var first = await server.Api.Get(await server.Api.MakePlan(FlowApi.PlanOf(user))))
        {
            device = FlowApi.Cookie(first, Names.DeviceCookie)!;
        }

        var body = FlowApi.PlanOf(user);
        body["client"] = place == "plan" ? new { ip = "203.0.113.5", device_cookie = device } : new { ip = "203.0.113.5" };
        var plan = await server.Api.MakePlan(body);
        List<(string, string)> headers = [("Authorization", $"Bearer {FlowApi.Key}")];
        if (place == "request")
        {
            headers.Add(("Cookie", $"{Names.DeviceCookie}={device}"));
        }

        using var answer = await server.Api.Get(plan, [.. headers]);

        Assert.Equal(place != "nowhere", (await FlowApi.Json(answer)).GetProperty("known_device").GetBoolean());
    }
}
