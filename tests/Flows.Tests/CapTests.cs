namespace SessionCluster.Flows.Tests;

/// <summary>A server that allows a user two sessions.</summary>
public sealed class CappedServer : FlowServer
{
    protected override string[] Settings => ["--Sessions:MaxPerUser", "2"];
}

public sealed class CapTests(CappedServer server) : IClassFixture<CappedServer>
{
    /// <summary>A front end may hand over the token of a session that has ended meanwhile.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_session_that_the_browser_has_makes_room_whatever_earlier_one_the_plan_names(bool isNamed)
    {
        var user = $"capped-{isNamed}";
        var (earlier, first) = await server.Api.LogIn(user);
        var (_, elsewhere) = await server.Api.LogIn(user);
        var (token, _) = await server.Api.LogIn(user);
        Assert.DoesNotContain(first, await server.Api.Sessions(user));
        var body = FlowApi.PlanOf(user);
        body["client"] = isNamed ? new { ip = "192.0.2.1", session_token = earlier } : new { ip = "192.0.2.1" };

        using var answer = await server.Api.Get(await server.Api.MakePlan(body), ("Cookie", $"{Names.SessionCookie}={token}"));

        Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
        var left = await server.Api.Sessions(user);
        Assert.Equal(2, left.Length);
        Assert.Contains(elsewhere, left);
    }

    /// <summary>A browser that several people use has the session of another one, or what is left of one that ended.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_session_that_the_plan_names_makes_room_where_the_browser_has_none_of_this_user(bool isEnded)
    {
        var user = $"named-{isEnded}";
        // The third login of a user ends the first one.
        var (browsers, _) = await server.Api.LogIn(isEnded ? user : $"other-of-{user}");
        var (_, elsewhere) = await server.Api.LogIn(user);
        var (named, _) = await server.Api.LogIn(user);
        var body = FlowApi.PlanOf(user);
        body["client"] = new { ip = "192.0.2.1", session_token = named };
        using var answer = await server.Api.Get(await server.Api.MakePlan(body), ("Cookie", $"{Names.SessionCookie}={browsers}"));

        Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
        var left = await server.Api.Sessions(user);
        Assert.Equal(2, left.Length);
        Assert.Contains(elsewhere, left);
    }

    [Fact]
    public async Task An_earlier_session_that_the_plan_names_ends_beside_the_one_that_the_browser_has()
    {
        var (earlier, _) = await server.Api.LogIn("beside");
        var (token, _) = await server.Api.LogIn("beside");
        var body = FlowApi.PlanOf("beside");
        body["client"] = new { ip = "192.0.2.1", session_token = earlier };
        var plan = await server.Api.MakePlan(body);

        using var answer = await server.Api.Get(plan, ("Cookie", $"{Names.SessionCookie}={token}"));

        Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
        Assert.Single(await server.Api.Sessions("beside"));
    }
}
