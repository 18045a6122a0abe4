using System.Diagnostics;

namespace SessionCluster.Flows.Tests;

public sealed class CrashTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("session-cluster-flow-crash-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_plan_survives_a_kill_of_the_server_and_a_used_one_stays_used()
    {
        Plan open, used;
        using (var server = await Start())
        {
            await server.Api.Stage(new { name = "ask", remember_me_offset = "days=14" });
            open = await server.Api.MakePlan(FlowApi.PlanOf("open", "ask"));
            used = await server.Api.MakePlan(FlowApi.PlanOf("used"));
            using var answer = await server.Api.Get(used);
            Assert.Equal(Names.Redirect, await FlowApi.Component(answer));
            server.Kill();
        }

        using var next = await Start();
        using var denied = await next.Api.Get(used);
        using var redirect = await next.Api.Solve(open, new { remember_me = true });

        Assert.Equal(Names.Denied, await FlowApi.Component(denied));
        Assert.Equal(Names.Redirect, await FlowApi.Component(redirect));
        Assert.Single(await next.Api.Sessions("open"));
        Assert.Single(await next.Api.Sessions("used"));
    }

    [Fact]
    public async Task A_kill_in_the_middle_of_answers_leaves_each_plan_good_for_one_session()
    {
        const int Plans = 60;
        var plans = new List<Plan>();
        using (var server = await Start())
        {
            for (var number = 0; number < Plans; number++)
            {
                plans.Add(await server.Api.MakePlan(FlowApi.PlanOf($"user-{number}")));
            }

            var answered = new SemaphoreSlim(0);
            var answers = plans.Select(plan => Answer(server.Api, plan, answered)).ToArray();
            await answered.WaitAsync();
            server.Kill();
            await Task.WhenAll(answers);
        }

        using var next = await Start();
        foreach (var plan in plans)
        {
            using var answer = await next.Api.Get(plan);
            Assert.True(await FlowApi.Component(answer) is Names.Redirect or Names.Denied);
        }

        for (var number = 0; number < Plans; number++)
        {
            Assert.Single(await next.Api.Sessions($"user-{number}"));
            Assert.Equal(1, await next.Api.Logins($"user-{number}"));
        }
    }

    private static async Task Answer(FlowApi api, Plan plan, SemaphoreSlim answered)
    {
        try
        {
            (await api.Get(plan)).Dispose();
            answered.Release();
        }
        catch (HttpRequestException)
        {
            // The server was killed before it answered.
        }
    }

    private Task<ServerProcess> Start() => ServerProcess.Start(_folder);

    private sealed class ServerProcess : IDisposable
    {
        private readonly Process _process;

        private ServerProcess(Process process, FlowApi api)
        {
            _process = process;
            Api = api;
        }

        public FlowApi Api { get; }

        public static async Task<ServerProcess> Start(string folder)
        {
            var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
            {
                ArgumentList =
                {
                    "exec", Path.Combine(AppContext.BaseDirectory, "SessionCluster.Silo.dll"), "--urls", "http://127.0.0.1:0",
                    "--Data:Path", folder, "--Api:BootstrapKey", FlowApi.Key,
                },
                RedirectStandardOutput = true,
            };
            var process = Process.Start(start)!;
            const string Listening = "Now listening on: ";
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                var at = line.IndexOf(Listening, StringComparison.Ordinal);
                if (at >= 0)
                {
                    _ = process.StandardOutput.ReadToEndAsync();
                    return new ServerProcess(process, new FlowApi(line[(at + Listening.Length)..].Trim()));
                }
            }

            throw new InvalidOperationException("The server ended before it listened.");
        }

        /// <summary>Ends the process at once, as kill -9 does, and waits until it is gone.</summary>
        public void Kill()
        {
            _process.Kill();
            _process.WaitForExit();
        }

        public void Dispose()
        {
            Kill();
            Api.Dispose();
            _process.Dispose();
        }
    }
}
