namespace SessionCluster.Server.Tests;

/// <summary>The server on PostgreSQL, alone and in numbers; with TEST_SERVER=postgresql or cluster the other tests run on it, too.</summary>
[Trait("Server", "Own")]
public sealed class PostgreSqlTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PostgreSqlFact]
    public async Task Sessions_and_endings_outlive_a_kill_of_the_server()
    {
        var data = _folder.In("data");
        Login kept;
        Login ended;
        await using (var server = await ServerProcess.StartKind(data, ServerKind.OnPostgreSql))
        {
            kept = await server.Api.Login(Actions.NewUser());
            ended = await server.Api.Login(Actions.NewUser());
            (await server.Api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{ended.Token}}"}""")).Is(200);
            await server.Kill();
        }

        await using var again = await ServerProcess.StartKind(data, ServerKind.OnPostgreSql);

        Assert.Null(await again.Api.WhyNot(kept.Token));
        Assert.Equal("revoked", await again.Api.WhyNot(ended.Token));
        Assert.False(File.Exists(Path.Combine(data, "sessions.db")));
    }

    [PostgreSqlFact]
    public async Task A_member_that_is_told_to_stop_serves_for_a_while_and_leaves_the_others_nothing_to_wait_for()
    {
        using var cluster = new ProcessCluster();
        ClusterProcess[] members = [.. Enumerable.Range(0, 3).Select(_ => cluster.Member("Cluster:Drain=seconds=5"))];
        await ProcessCluster.Start(members);
        using var leaving = ProcessCluster.Client(members[^1]);
        using var rest = ProcessCluster.Client(members[..^1]);
        var login = await leaving.Login("user-0");
        (await leaving.Get("/health/ready")).Is(200);
        using var stream = await StreamReading.Open(members[^1].Url, leaving.Key, null);
        await stream.Next();

        var exitCode = members[^1].Terminate();

        await Poll.Until(async () => (await leaving.Get("/health/ready")).Status == 503);
        // Well within the five seconds, and long after it would have closed its port without them.
        await Task.Delay(TimeSpan.FromSeconds(2));
        (await leaving.TryLogin("user-1")).Is(201);
        Assert.Equal("login", (await stream.Next()).Event);
        Assert.False(exitCode.IsCompleted);
        Assert.Equal(0, await exitCode.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.True(await stream.IsOver());
        (await rest.TryLogin("user-0")).Is(201);
        Assert.Null(await rest.WhyNot(login.Token));
    }

    [PostgreSqlFact]
    public async Task Processes_on_one_database_serve_together_and_when_one_is_killed_the_others_serve_on()
    {
        using var cluster = new ProcessCluster(null, "Leases:Duration=seconds=1", "Leases:LedgerFreshness=00:00:01");
        ClusterProcess[] members = [cluster.Member(), cluster.Member(), cluster.Member()];
        await ProcessCluster.Start(members);
        using var all = ProcessCluster.Client(members);
        var logins = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => all.Login($"user-{number}")));
        foreach (var login in logins.Take(6))
        {
            (await all.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{login.Token}}"}""")).Is(200);
        }

        await AssertSixEnded(logins, members);

        await members[^1].Kill();

        using var rest = ProcessCluster.Client(members[..^1]);
        // Until the killed one is declared dead, calls to its grains are answered that their outcome is not known.
        await UntilAllAnswer(logins, members[..^1]);
        await AssertSixEnded(logins, members[..^1]);
        await Poll.Until(async () => (await rest.TryLogin("user-0")).Status == 201);
        await ProcessCluster.Start(members);
        await UntilAllAnswer(logins, members);
        await AssertSixEnded(logins, members);
    }

    [Theory]
    [InlineData("Storage:Provider=oracle", "Storage:Provider is 'oracle'; it must be sqlite or postgresql.")]
    [InlineData("Storage:Provider=postgresql", "Storage:ConnectionString is not set.")]
    public async Task A_wrong_choice_of_storage_stops_the_start(string setting, string expected)
    {
        var (exitCode, log) = await ServerProcess.StartKindRefused(_folder.In("data"), ServerKind.OnSqlite, setting, "Cluster:AdvertisedAddress=127.0.0.1");

        StartTests.AssertToldPlainly(exitCode, log, expected);
    }

    /// <summary>Waits until every process has an answer for every session.</summary>
    private static async Task UntilAllAnswer(Login[] logins, ClusterProcess[] members)
    {
        foreach (var member in members)
        {
            using var api = ProcessCluster.Client(member);
            await Poll.Until(async () => (await Task.WhenAll(logins.Select(login => api.Post(
                "/api/v3/sessions/validate/", $$$"""{"token": "{{{login.Token}}}", "client": {"ip": "{{{Places.Berlin}}}"}}""")))).All(answer => answer.Status == 200));
        }
    }

    /// <summary>Every process says the same of every session.</summary>
    private static async Task AssertSixEnded(Login[] logins, ClusterProcess[] members)
    {
        foreach (var member in members)
        {
            using var api = ProcessCluster.Client(member);
            var whyNot = await Task.WhenAll(logins.Select(login => api.WhyNot(login.Token)));
            Assert.All(whyNot[..6], why => Assert.Equal("revoked", why));
            Assert.All(whyNot[6..], Assert.Null);
        }
    }
}
