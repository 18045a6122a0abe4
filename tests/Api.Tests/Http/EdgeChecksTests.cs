using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Http;

/// <summary>Over HTTP, what is answered from memory and what asks the session's grain.</summary>
[Collection(nameof(AloneCollection))]
public sealed class EdgeChecksTests
{
    [Fact]
    public async Task Checks_from_memory_answer_byte_for_byte_what_the_grain_answered()
    {
        await using var host = await ApiHost.Start();
        host.Grains.Share = TimeSpan.FromMinutes(1);
        var session = host.Grains.Add("42", data: """{"a":[1,"ü"]}""");
        foreach (var check in new Func<Task<Answer>>[] { () => Validate(host, host.Tokens.Issue(session.Id)), () => Current(host, session), () => Proxy(host, session) })
        {
            var first = (await check()).MustBe(200);
            var asked = Asked(host);

            var second = (await check()).MustBe(200);

            Assert.Equal(asked, Asked(host));
            Assert.Equal(first.Text, second.Text);
            Assert.Equal(Shown(first), Shown(second));
        }
    }

    [Fact]
    public async Task A_known_token_that_is_altered_is_refused()
    {
        await using var host = await ApiHost.Start();
        host.Grains.Share = TimeSpan.FromMinutes(1);
        var token = host.Tokens.Issue(host.Grains.Add("42").Id);
        Assert.True((bool)(await Validate(host, token)).MustBe(200).Json["active"]!);
        Assert.True(host.Tokens.TryRead(token, out _));
        for (var at = 0; at < token.Length; at++)
        {
            var altered = string.Concat(token.AsSpan(0, at), token[at] == 'A' ? "B" : "A", token.AsSpan(at + 1));
            Assert.False(host.Tokens.TryRead(altered, out _));
        }
    }

    [Theory]
    [InlineData("::FFFF:1.2.3.4")]
    [InlineData("::ffff:102:304")]
    public async Task An_address_spelled_in_another_way_is_answered_from_memory_too(string ip)
    {
        await using var host = await ApiHost.Start();
        host.Grains.Share = TimeSpan.FromMinutes(1);
        var token = host.Tokens.Issue(host.Grains.Add("42").Id);
        var first = (await Validate(host, token)).MustBe(200);
        Assert.Equal(first.Text, (await Validate(host, token, ip)).MustBe(200).Text);
        Assert.Equal(1, Asked(host));
    }

    [Fact]
    public async Task Checks_are_counted_by_where_they_were_answered()
    {
        await using var host = await ApiHost.Start();
        host.Grains.Share = TimeSpan.FromMinutes(1);
        var session = host.Grains.Add("42");
        for (var check = 0; check < 4; check++)
        {
            (await Current(host, session)).MustBe(200);
        }

        host.Grains.Refused[session.Id] = new ValidateResult(SessionStatus.Idle, null, null);
        (await Validate(host, host.Tokens.Issue(session.Id), "9.9.9.9")).MustBe(200);

        var metrics = (await host.Send("GET", "/metrics", null, ("Anonymous", ""))).Text;
        var checks = metrics.Split('\n').Where(line => line.StartsWith("sessioncluster_checks_total{", StringComparison.Ordinal)).ToArray();
        Assert.Contains("3", Counts("active", "memory"));
        Assert.Contains("1", Counts("active", "grain"));
        Assert.Contains("1", Counts("idle", "grain"));
        Assert.Contains("sessioncluster_edge_sessions", metrics, StringComparison.Ordinal);

        IEnumerable<string> Counts(string result, string from) => checks.Where(line =>
            line.Contains($"result=\"{result}\"", StringComparison.Ordinal) && line.Contains($"from=\"{from}\"", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]);
    }

    [Fact]
    public async Task No_session_is_held_where_the_setting_says_so()
    {
        await using var host = await ApiHost.Start(("Edge:MaxSessions", "0"));
        host.Grains.Share = TimeSpan.FromMinutes(1);
        var session = host.Grains.Add("42");
        (await Current(host, session)).MustBe(200);
        (await Current(host, session)).MustBe(200);
        Assert.Equal(2, Asked(host));
    }

    private static int Asked(ApiHost host) => host.Grains.Calls.OfType<Validated>().Count();

    private static IEnumerable<string> Shown(Answer answer) =>
        answer.Headers.Where(header => header.Key is not "Date").Select(header => $"{header.Key}: {header.Value}").Order();

    private static Task<Answer> Validate(ApiHost host, string token, string ip = "1.2.3.4") =>
        host.Send("POST", "/api/v3/sessions/validate/", new { token, client = new { ip, user_agent = "curl/8.0" } });

    private static Task<Answer> Current(ApiHost host, SessionInfo session) =>
        host.Send("GET", "/api/v3/sessions/current/", null, ("Cookie", host.CookieOf(session)));

    private static Task<Answer> Proxy(ApiHost host, SessionInfo session) => host.Send(
        "GET", "/outpost/auth/nginx/", null, ("Cookie", host.CookieOf(session)), ("X-Original-URL", "http://app.example/"));
}
