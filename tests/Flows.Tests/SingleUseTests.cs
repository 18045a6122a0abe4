using System.Buffers.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Flows.Tests;

public sealed class SingleUseTests(FlowServer server) : IClassFixture<FlowServer>
{
    [Fact]
    public async Task A_plan_is_used_up_by_its_success()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("once", "ask"));
        using var first = await server.Api.Solve(plan, new { remember_me = true });
        using var again = await server.Api.Solve(plan, new { remember_me = true });
        using var look = await server.Api.Get(plan);

        Assert.Equal(Names.Redirect, await FlowApi.Component(first));
        Assert.Equal(Names.Denied, await FlowApi.Component(again));
        Assert.Equal(Names.Denied, await FlowApi.Component(look));
        Assert.Single(await server.Api.Sessions("once"));
    }

    [Fact]
    public async Task Twenty_answers_at_once_give_one_session()
    {
        for (var round = 0; round < 10; round++)
        {
            var user = $"raced-{round}";
            var plan = await server.Api.MakePlan(FlowApi.PlanOf(user, "ask"));

            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(
                number => server.Api.Solve(plan, new { remember_me = number % 2 == 0 })));

            var components = await Task.WhenAll(answers.Select(FlowApi.Component));
            Assert.All(components, component => Assert.True(component is Names.Redirect or Names.Denied));
            var tokens = answers.Select(answer => FlowApi.Cookie(answer, Names.SessionCookie)).Where(token => token is not null);
            Assert.Single(tokens.Distinct());
            Assert.Single(await server.Api.Sessions(user));
            Assert.Equal(1, await server.Api.Logins(user));
        }
    }

    [Fact]
    public async Task After_a_crash_between_login_and_answer_the_plan_gives_the_session_that_there_is()
    {
        var plan = await server.Api.MakePlan(FlowApi.PlanOf("crashed", "ask"));
        var login = await Commit(plan, "crashed", withKey: true);

        using var answer = await server.Api.Solve(
            plan, new { remember_me = false }, ("Authorization", $"Bearer {FlowApi.Key}"));

        var json = await FlowApi.Json(answer);
        Assert.Equal(Names.Redirect, json.GetProperty("component").GetString());
        Assert.Equal(login.Session!.Id.ToString(), json.GetProperty("session").GetProperty("uuid").GetString());
        Assert.Equal(1, await server.Api.Logins("crashed"));
        using var again = await server.Api.Get(plan);
        Assert.Equal(Names.Denied, await FlowApi.Component(again));
    }

    [Theory]
    [InlineData("live")]
    [InlineData("ended")]
    public async Task No_second_session_comes_of_a_plan_even_when_the_first_answer_is_not_kept_any_more(string first)
    {
        var user = $"forgotten-{first}";
        var plan = await server.Api.MakePlan(FlowApi.PlanOf(user));
        await Commit(plan, user, withKey: false);
        if (first == "ended")
        {
            using var revoked = await server.Api.Send(
                HttpMethod.Post, $"/api/v3/users/{user}/sessions/revoke/", new { }, ("Authorization", $"Bearer {FlowApi.Key}"));
            Assert.True(revoked.IsSuccessStatusCode);
        }

        using var answer = await server.Api.Get(plan);

        Assert.Equal(Names.Denied, await FlowApi.Component(answer));
        Assert.Equal(1, await server.Api.Logins(user));
    }

    /// <summary>Commits the plan's login as the edge does, and goes no further.</summary>
    private async Task<LoginResult> Commit(Plan plan, string user, bool withKey)
    {
        var id = new PlanId(new Guid(Base64Url.DecodeFromChars(plan.Token).AsSpan(1, 16), bigEndian: true));
        var grains = server.Services.GetRequiredService<IGrainFactory>();
        var stage = await grains.Stages().Find("default");
        var key = withKey ? new Idempotency($"plan:{id}", "plan") : null;
        var command = new LoginCommand(
            new UserFacts(new UserId(user), $"name-{user}", "", ""), true, stage!, null, new ClientFacts("192.0.2.1", "", "", "", "{}", ""),
            null, null, false, "password", "{}", null, null, null, key, id.Session);
        var login = await grains.User(command.User.Id).Login(command);
        Assert.True(login.IsLoggedIn);
        return login;
    }
}
