using System.Diagnostics;

namespace SessionCluster.Server.Tests;

/// <summary>PostgreSQL goes away under a running cluster, and comes back: for one that serves HTTP itself, and for one with an Api beside it.</summary>
[Trait("Server", "Own")]
public sealed class DatabaseAwayTests : IDisposable
{
    /// <summary>Longest call of an Api, and a little.</summary>
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(27);

    private readonly PostgreSqlServer? _database = PostgreSqlServer.WhyNot is null ? PostgreSqlServer.StartNew() : null;

    private readonly ProcessCluster? _cluster;

    public DatabaseAwayTests() => _cluster = _database is null ? null : new ProcessCluster(_database.CreateDatabase());

    public void Dispose()
    {
        _cluster?.Dispose();
        _database?.Dispose();
    }

    [PostgreSqlTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_database_is_away_calls_are_answered_503_and_when_it_is_back_all_goes_on(bool isApiApart)
    {
        var front = await Start(isApiApart);
        using var api = ProcessCluster.Client(front);
        var login = await api.Login(Actions.NewUser());

        _database!.Kill();

        await Refused(api, () => api.TryLogin(login.User));
        await Refused(api, () => api.TryLogin(Actions.NewUser()));
        await Refused(api, () => api.Get($"/api/v3/core/authenticated_sessions/?user={login.User}"));
        // A session in use is answered for until its lease is over, and after that no longer; never is it said to have ended.
        await Poll.Until(async () =>
        {
            var answer = await Check(api, login);
            Assert.True(answer.Status == 503 || answer.At("active")!.GetValue<bool>(), answer.Text);
            return answer.Status == 503;
        });
        Assert.Equal("storage-unavailable", (await Refused(api, () => Check(api, login))).Problem);
        await Poll.Until(async () => !await front.IsReady());
        Assert.Equal("not-ready", (await api.Get("/health/ready")).Is(503).Problem);
        (await api.Get("/health/live")).Is(200);
        var before = _cluster!.Log.Length;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Refused(api, () => api.TryLogin(Actions.NewUser()))));
        AssertSaidSeldom(_cluster.Log[before..]);

        _database.Start();

        await Poll.Until(front.IsReady);
        Assert.Null(await api.WhyNot(login.Token));
        Assert.Null(await api.WhyNot((await api.Login(login.User)).Token));
        Assert.False(front.HasEnded);
    }

    [PostgreSqlFact]
    public async Task A_restart_of_the_database_in_which_nobody_calls_costs_no_login()
    {
        var front = await Start(isApiApart: false);
        using var api = ProcessCluster.Client(front);
        var users = Enumerable.Range(0, 8).Select(_ => Actions.NewUser()).ToArray();
        await Task.WhenAll(users.Select(user => api.Login(user)));

        _database!.Kill();
        _database.Start();
        await Poll.Until(front.IsReady);
        // A write within a second of the one before goes to the connection untried.
        await Task.Delay(TimeSpan.FromSeconds(1));

        foreach (var user in users.Append(Actions.NewUser()))
        {
            (await api.TryLogin(user)).Is(201);
        }
    }

    [PostgreSqlFact]
    public async Task While_the_database_does_not_answer_calls_end_within_their_time()
    {
        var front = await Start(isApiApart: false);
        using var api = ProcessCluster.Client(front);
        var login = await api.Login(Actions.NewUser());

        _database!.Freeze();

        await Task.WhenAll(
            Refused(api, () => api.TryLogin(login.User)),
            Refused(api, () => api.TryLogin(Actions.NewUser())),
            Refused(api, () => api.Get($"/api/v3/core/authenticated_sessions/?user={login.User}")));
        await Refused(api, () => Check(api, login));
        Assert.False(await front.IsReady());

        _database.Thaw();

        await Poll.Until(front.IsReady);
        await Poll.Until(async () => (await Check(api, login)).Status == 200);
        Assert.Null(await api.WhyNot(login.Token));
        Assert.Null(await api.WhyNot((await api.Login(login.User)).Token));
    }

    private async Task<ClusterProcess> Start(bool isApiApart)
    {
        if (!isApiApart)
        {
            var member = _cluster!.Member();
            await ProcessCluster.Start(member);
            return member;
        }

        var api = _cluster!.Api();
        await ProcessCluster.Start(_cluster.Silo(), api);
        return api;
    }

    private static Task<Answer> Check(ApiClient api, Login login) => api.Post(
        "/api/v3/sessions/validate/", $$$"""{"token": "{{{login.Token}}}", "client": {"ip": "{{{Places.Berlin}}}"} }""");

    /// <summary>A call that the storage keeps from being served: it is answered in time, and says so.</summary>
    private static async Task<Answer> Refused(ApiClient api, Func<Task<Answer>> call)
    {
        var start = Stopwatch.GetTimestamp();
        var answer = (await call()).Is(503);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, LongestCall);
        Assert.Equal("application/problem+json", answer.ContentType);
        Assert.Contains(answer.Problem, new[] { "storage-unavailable", "unknown-outcome" });
        Assert.DoesNotContain("127.0.0.1", answer.Text, StringComparison.Ordinal);
        return answer;
    }

    /// <summary>Some say once that the database is away, and Orleans says so as often as it looks at its table; nobody does for each request.</summary>
    private static void AssertSaidSeldom(string log)
    {
        var reports = log.Split('\n').Count(line => line.StartsWith("fail:", StringComparison.Ordinal) || line.StartsWith("warn:", StringComparison.Ordinal));
        Assert.True(reports < 60, $"{reports} reports of 200 calls:\n{log}");
    }
}
