using System.Collections.Concurrent;

namespace SessionCluster.Flows.Tests;

public sealed class CrashTests : IDisposable
{
    private const int Loops = 16;

    /// <summary>Plans that are answered before the kill.</summary>
    private const int Answers = 60;

    private readonly TempFolder _folder = new();

    private int _asking;

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
        var plans = new ConcurrentDictionary<string, Plan>();
        var broken = 0;
        await using (var server = await Start())
        {
            using var api = new FlowApi(server.Url.ToString());
            using var answered = new SemaphoreSlim(0);
            using var killed = new ManualResetEventSlim();
            var loops = Enumerable.Range(0, Loops).Select(loop => Load(api, $"user-{loop}", plans, answered, killed)).ToArray();
            for (var number = 0; number < Answers; number++)
            {
                await answered.WaitAsync();
            }

            // The server writes in groups, so there are moments in which all loops make plans.
            SpinWait.SpinUntil(() => Volatile.Read(ref _asking) > Loops / 2);
            // In this order: what was on its way when the signal came was asked of a living server.
            var killing = server.Kill();
            killed.Set();
            await killing;
            broken = (await Task.WhenAll(loops)).Count(isBroken => isBroken);
        }

        Assert.InRange(broken, 1, Loops);
        await using var next = await Start();
        using var after = new FlowApi(next.Url.ToString());
        foreach (var (user, plan) in plans)
        {
            using var answer = await after.Get(plan);
            Assert.True(await FlowApi.Component(answer) is Names.Redirect or Names.Denied);
            Assert.Single(await after.Sessions(user));
            Assert.Equal(1, await after.Logins(user));
        }
    }

    /// <summary>One plan after the other until the server is gone; whether it went while it had one to answer.</summary>
    private async Task<bool> Load(
        FlowApi api, string prefix, ConcurrentDictionary<string, Plan> plans, SemaphoreSlim answered, ManualResetEventSlim killed)
    {
        for (var number = 0; ; number++)
        {
            Plan plan;
            try
            {
                plan = await api.MakePlan(FlowApi.PlanOf($"{prefix}-{number}"));
            }
            catch (Exception failure) when (IsLost(failure))
            {
                return false;
            }

            plans[$"{prefix}-{number}"] = plan;
            var wasAlive = !killed.IsSet;
            Interlocked.Increment(ref _asking);
            try
            {
                (await api.Get(plan)).Dispose();
                answered.Release();
            }
            catch (Exception failure) when (IsLost(failure))
            {
                return wasAlive;
            }
            finally
            {
                Interlocked.Decrement(ref _asking);
            }
        }
    }

    /// <summary>The server was killed before it answered; in the middle of a connect that shows as the socket's own exception.</summary>
    private static bool IsLost(Exception failure) => failure is HttpRequestException or IOException or System.Net.Sockets.SocketException;

    private Task<ServerProcess> Start() => ServerProcess.Start(_folder.In("data"), $"Api:BootstrapKey={FlowApi.Key}");
}
