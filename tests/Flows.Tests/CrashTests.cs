namespace SessionCluster.Flows.Tests;

public sealed class CrashTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_plan_survives_a_kill_of_the_server_and_a_used_one_stays_used()
    {
        Plan open, used;
        await using (var server = await Start())
        {
            using var api = new FlowApi(server.Url.ToString());
            await api.Stage(new { name = "ask", remember_me_offset = "days=14" });
            open = await api.MakePlan(FlowApi.PlanOf("open", "ask"));
            used = await api.MakePlan(FlowApi.PlanOf("used"));
            using var answer = await api.Get(used);
            Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
            await server.Kill();
        }

        await using var next = await Start();
        using var after = new FlowApi(next.Url.ToString());
        using var denied = await after.Get(used);
        using var redirect = await after.Solve(open, new { remember_me = true });

        Assert.Equal(Names.Denied, await FlowApi.Component(denied));
        Assert.Equal(Names.Redirect, await FlowApi.Component(redirect));
        Assert.Single(await after.Sessions("open"));
        Assert.Single(await after.Sessions("used"));
    }

    [Fact]
    public async Task A_kill_in_the_middle_of_answers_leaves_each_plan_good_for_one_session()
    {
        const int Plans = 60;
        var plans = new List<Plan>();
        await using (var server = await Start())
        {
            using var api = new FlowApi(server.Url.ToString());
            for (var number = 0; number < Plans; number++)
            {
                plans.Add(await api.MakePlan(FlowApi.PlanOf($"user-{number}")));
            }

            var answered = new SemaphoreSlim(0);
            var answers = plans.Select(plan => Answer(api, plan, answered)).ToArray();
            await answered.WaitAsync();
            await server.Kill();
            await Task.WhenAll(answers);
        }

        await using var next = await Start();
        using var after = new FlowApi(next.Url.ToString());
        foreach (var plan in plans)
        {
            using var answer = await after.Get(plan);
            Assert.True(await FlowApi.Component(answer) is Names.Redirect or Names.Denied);
        }

        for (var number = 0; number < Plans; number++)
        {
            Assert.Single(await after.Sessions($"user-{number}"));
            Assert.Equal(1, await after.Logins($"user-{number}"));
        }
    }

    private static async Task Answer(FlowApi api, Plan plan, SemaphoreSlim answered)
    {
        try
        {
            (await api.Get(plan)).Dispose();
            answered.Release();
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or System.Net.Sockets.SocketException)
        {
            // The server was killed before it answered; in the middle of a connect that shows as the socket's own exception.
        }
    }

    private Task<ServerProcess> Start() => ServerProcess.Start(_folder.In("data"), $"Api:BootstrapKey={FlowApi.Key}");
}
