using SessionCluster.Server.Tests.Proxies;

namespace SessionCluster.Server.Tests;

/// <summary>Two silos without the HTTP API, and an Api as a process of its own beside them.</summary>
public sealed class ApiProcess : IAsyncLifetime
{
    private ProcessCluster? _cluster;

    internal ClusterProcess[] Silos { get; private set; } = [];

    internal ClusterProcess Process { get; private set; } = null!;

    internal ApiClient Api { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (PostgreSqlServer.WhyNot is null)
        {
            _cluster = new ProcessCluster();
            Silos = [_cluster.Silo(), _cluster.Silo()];
            Process = _cluster.Api();
            await ProcessCluster.Start([.. Silos, Process]);
            Api = ProcessCluster.Client(Process);
        }
    }

    public Task DisposeAsync()
    {
        Api?.Dispose();
        _cluster?.Dispose();
        return Task.CompletedTask;
    }
}

[Trait("Server", "Own")]
public sealed class ApiProcessTests(ApiProcess process) : IClassFixture<ApiProcess>
{
    private readonly ApiClient _api = process.Api;

    [PostgreSqlFact]
    public async Task A_session_is_begun_used_and_ended()
    {
        var login = await _api.Login(Actions.NewUser(), more: """, "data": {"cart": 1}""");
        var second = await _api.Login(login.User);

        Assert.Null(await _api.WhyNot(login.Token));
        Assert.Equal(login.Uuid, (await _api.Get("/api/v3/sessions/current/", ("Cookie", login.Cookie))).Is(200).StringAt("session.uuid"));
        (await _api.Put("/api/v3/sessions/data/", $$"""{"token": "{{login.Token}}", "data": {"cart": 2} }""")).Is(200);
        Assert.Equal(2, (await _api.Validate(login.Token)).At("data.cart")!.GetValue<int>());
        Assert.Equal(2, (await _api.Sessions($"user={login.User}")).Count);
        (await _api.Get("/outpost/auth/nginx", ("Cookie", login.Cookie))).Is(200);

        (await _api.Delete($"/api/v3/core/authenticated_sessions/{login.Uuid}/")).Is(204);

        await Endings.AssertEnded(_api, login, "revoked", "Revoked by administrator");
        (await _api.Get("/outpost/auth/nginx", ("Cookie", login.Cookie))).Is(401);
        Assert.Null(await _api.WhyNot(second.Token));
        (await _api.Post($"/api/v3/users/{login.User}/deactivate/")).Is(200);
        Assert.Equal("user_inactive", await _api.WhyNot(second.Token));
        (await _api.TryLogin(login.User)).Is(403);
    }

    [PostgreSqlFact]
    public async Task A_flow_logs_in_and_a_stage_ends_the_other_sessions()
    {
        var stage = await _api.Stage("\"terminate_other_sessions\": true");
        var earlier = await _api.Login(Actions.NewUser());
        var plan = (await _api.Post("/api/v3/flows/plans/", $$"""
            {"flow_slug": "flow", "stage": "{{stage}}", "pending_user": {"pk": "{{earlier.User}}", "username": "name-{{earlier.User}}"},
             "client": {"ip": "{{Places.Berlin}}"} }
            """)).Is(201);

        var answer = (await _api.Get(plan.StringAt("executor") + "?query=", ("X-Flow-Plan", plan.StringAt("plan")), ("Authorization", $"Bearer {_api.Key}"))).Is(200);

        Assert.Equal("xak-flow-redirect", answer.StringAt("component"));
        Assert.Null(await _api.WhyNot(answer.StringAt("token")));
        Assert.Equal("revoked", await _api.WhyNot(earlier.Token));
    }

    [PostgreSqlFact]
    public async Task The_event_stream_tells_what_happens()
    {
        var login = await _api.Login(Actions.NewUser());
        using var reader = await StreamReading.Open(process.Process.Url, _api.Key, "0");

        StreamBlock block;
        do
        {
            block = await reader.Next();
        }
        while (!block.Data.Contains(login.Uuid, StringComparison.Ordinal));

        Assert.Equal("login", block.Event);
    }

    [PostgreSqlFact]
    public async Task A_silo_without_the_api_shows_its_health_and_its_meters_only()
    {
        using var silo = ProcessCluster.Client(process.Silos);

        (await silo.Get("/health/live")).Is(200);
        await Poll.Until(async () => (await silo.Get("/health/ready")).Status == 200);
        Assert.Contains("sessioncluster", (await silo.Get("/metrics")).Is(200).Text, StringComparison.Ordinal);
        (await silo.TryLogin(Actions.NewUser())).Is(404);
        (await silo.Get("/")).Is(404);
        Assert.Equal(400, (await RawRequest.Get(process.Silos[0].Url, "/outpost/auth/envoy/../../../health/live")).Status);
    }

    [PostgreSqlFact]
    public async Task Requests_that_go_well_are_not_logged()
    {
        await _api.Login(Actions.NewUser());
        var before = LinesOf(process.Process.Log);

        for (var number = 0; number < 20; number++)
        {
            var login = await _api.Login(Actions.NewUser());
            Assert.Null(await _api.WhyNot(login.Token));
        }

        // A line now and then is not about a request; the start's last lines may come late.
        Assert.InRange(LinesOf(process.Process.Log) - before, 0, 10);

        static int LinesOf(string log) => log.Count(character => character == '\n');
    }

    [PostgreSqlFact]
    public async Task A_call_that_no_silo_answers_leaves_no_address_in_the_log()
    {
        using var cluster = new ProcessCluster(
            null, "Storage:PostgreSql:StatementTimeout=seconds=1", "Leases:Duration=seconds=1", "Leases:LedgerFreshness=00:00:01", "Cluster:CallTimeout=seconds=7", "Cluster:EdgeTimeout=seconds=8");
        var (silo, api) = (cluster.Silo(), cluster.Api());
        await ProcessCluster.Start(silo, api);
        using var client = ProcessCluster.Client(api);
        var user = Actions.NewUser() + "@example.test";
        await client.Login(user);

        await silo.Signal("STOP");

        (await client.Get($"/api/v3/users/{user}/")).Is(503);
        await Poll.Until(() => Task.FromResult(api.Log.Contains("TimeoutException", StringComparison.Ordinal)));
        Assert.DoesNotContain("@example.test", api.Log, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task Without_silos_an_api_is_not_ready_and_with_new_ones_it_is_again()
    {
        using var cluster = new ProcessCluster();
        var (silo, api) = (cluster.Silo(), cluster.Api());
        api.Start();
        await Poll.Until(() => Task.FromResult(api.Log.Contains("No silo can be reached yet", StringComparison.Ordinal)));
        Assert.False(await api.IsReady());
        await ProcessCluster.Start(silo, api);
        using var client = ProcessCluster.Client(api);
        var login = await client.Login(Actions.NewUser());

        await silo.Kill();

        // From its share for a while, then not at all; never that it has ended.
        await Poll.Until(async () =>
        {
            var check = await client.Post("/api/v3/sessions/validate/", $$$"""{"token": "{{{login.Token}}}", "client": {"ip": "{{{Places.Berlin}}}"}}""");
            Assert.True(check.Status == 503 || check.Is(200).At("active")!.GetValue<bool>(), check.Text);
            return check.Status == 503;
        });
        await Poll.Until(async () => !await api.IsReady());
        var refused = await client.TryLogin(Actions.NewUser());
        Assert.Equal("unknown-outcome", refused.Is(503).Problem);
        await ProcessCluster.Start(silo, api);
        await Poll.Until(async () => (await client.TryLogin(login.User)).Status == 201);
        Assert.Null(await client.WhyNot(login.Token));
        Assert.Equal(0, await api.Terminate());
        Assert.DoesNotContain("Unhandled", api.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("@example.test", api.Log, StringComparison.Ordinal);
        Assert.DoesNotContain($"name-{login.User}", api.Log, StringComparison.Ordinal);
    }
}
