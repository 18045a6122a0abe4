using System.Net;

namespace SessionCluster.Flows.Tests;

/// <summary>The clock of the machine is set back while the server runs.</summary>
public sealed class ClockTests(FlowServer server) : IClassFixture<FlowServer>
{
    [Fact]
    public async Task Logins_checks_and_plans_go_on_while_the_clock_is_behind_its_start()
    {
        server.Time.Advance(TimeSpan.FromHours(-1));

        var (token, uuid) = await server.Api.LogIn("new");
        using var check = await server.Api.Send(HttpMethod.Post, "/api/v3/sessions/validate/", new { token, client = new { ip = "192.0.2.7", user_agent = "test" } }, ("Authorization", $"Bearer {FlowApi.Key}"));
        Assert.Equal(HttpStatusCode.OK, check.StatusCode);
        Assert.Equal([uuid], await server.Api.Sessions("new"));
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("planned"));
        using var answer = await server.Api.Get(plan);
        Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
        using var end = await server.Api.Send(HttpMethod.Post, "/api/v3/users/idle/deactivate/", null, ("Authorization", $"Bearer {FlowApi.Key}"));
        Assert.Equal(HttpStatusCode.OK, end.StatusCode);
    }
}
