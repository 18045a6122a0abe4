using System.Text;
using SessionCluster.Api.Hosting;
using SessionCluster.Api.Input;
using SessionCluster.Api.Problems;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Http;

public sealed class ServerTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("GET", "/api/v3/nothing/", 404, "not-found")]
    [InlineData("GET", "/nothing", 404, "not-found")]
    [InlineData("PATCH", "/api/v3/sessions/", 405, "method-not-allowed")]
    [InlineData("DELETE", "/health/live", 405, "method-not-allowed")]
    public async Task Unknown_paths_and_methods_are_problems(string method, string path, int status, string slug)
    {
        var answer = (await _host.Send(method, path)).MustBe(status, slug);
        Assert.Equal(status == 405, answer.Headers.ContainsKey("Allow"));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_body_that_is_no_object_is_a_400(string body)
    {
        var answer = (await _host.Send("POST", "/api/v3/sessions/", body)).MustBe(400, "invalid-request");
        Assert.NotNull(answer.Json["errors"]![FieldErrors.NoField]);
    }

    [Theory]
    [InlineData(0, 201)]
    [InlineData(1, 413)]
    public async Task A_body_has_at_most_64_KiB(int over, int status)
    {
        var text = ApiHost.LoginBody().ToJsonString();
        var body = text + new string(' ', 65_536 + over - Encoding.UTF8.GetByteCount(text));
        var answer = (await _host.Send("POST", "/api/v3/sessions/", body)).MustBe(status);
        Assert.Equal(status == 413, answer.ContentType == "application/problem+json");
        var chunked = (await _host.Send("POST", "/api/v3/sessions/", body, ("Transfer-Encoding", "chunked"), ("Authorization", "Bearer " + ApiHost.Key))).MustBe(status);
        Assert.Equal(status == 413, chunked.ContentType == "application/problem+json");
    }

    [Theory]
    [InlineData(32_000, 200)]
    [InlineData(33_000, 431)]
    public async Task All_headers_together_have_at_most_32_KiB(int length, int status) =>
        (await _host.Send("GET", "/health/live", null, ("X-Long", new string('x', length)))).MustBe(status);

    /// <summary>A browser then keeps what is answered from the pages of every other origin.</summary>
    [Theory]
    [InlineData("GET", 200)]
    [InlineData("OPTIONS", 405)]
    public async Task No_other_origin_is_let_in(string method, int status)
    {
        var session = _host.Grains.Add("42");
        (string, string)[] headers =
        [
            ("Cookie", _host.CookieOf(session)), ("Origin", "https://evil.test"), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "authorization"),
        ];

        var answer = (await _host.Send(method, "/api/v3/sessions/current/", null, headers)).MustBe(status);

        Assert.DoesNotContain(answer.Headers.Keys, name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_body_of_another_type_is_a_415()
    {
        (await _host.Send("POST", "/api/v3/sessions/", "a=b", ("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", "Bearer " + ApiHost.Key)))
            .MustBe(415, "unsupported-media-type");
        (await _host.Login(null, ("Content-Type", "application/json; charset=utf-8"), ("Authorization", "Bearer " + ApiHost.Key))).MustBe(201);
    }

    [Fact]
    public async Task U_0000_in_the_query_is_a_400_everywhere()
    {
        foreach (var path in new[] { "/health/live", "/api/v3/users/1/", "/outpost/auth/nginx" })
        {
            (await _host.Send("GET", path + "?x=%00")).MustBe(400, "invalid-request");
            (await _host.Send("GET", path + "?%00=x")).MustBe(400, "invalid-request");
        }

        var page = await _host.Send("GET", "/account/sessions/?x=%00", null, ("Accept", "text/html"));
        Assert.Contains("This address does not make sense", page.MustBe(400).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_tells_nothing_of_itself()
    {
        _host.Grains.Fault = new InvalidOperationException("the secret of the database");
        var answer = (await _host.Login()).MustBe(500, "server-error");
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_timeout_is_an_unknown_outcome_to_be_retried(bool isCancelled)
    {
        _host.Grains.Fault = isCancelled ? new OperationCanceledException("Message expired before placement could complete.") : new TimeoutException("call timed out");
        var answer = (await _host.Login()).MustBe(503, "unknown-outcome");
        Assert.Contains("Idempotency-Key", (string?)answer.Json["detail"], StringComparison.Ordinal);
    }

    /// <summary>Nothing of what was asked can have happened.</summary>
    [Theory]
    [InlineData("POST", "/api/v3/sessions/validate/")]
    [InlineData("GET", "/api/v3/sessions/current/")]
    [InlineData("POST", "/outpost/auth/nginx")]
    [InlineData("GET", "/api/v3/users/42/")]
    public async Task A_question_that_times_out_is_to_be_asked_again(string method, string path)
    {
        var session = _host.Grains.Add("42");
        _host.Grains.Fault = new TimeoutException("call timed out");
        var isByKey = path.Contains("/users/", StringComparison.Ordinal) || path.Contains("/validate/", StringComparison.Ordinal);
        (string, string)[] headers = isByKey ? [] : [("Cookie", _host.CookieOf(session))];
        object? body = path.Contains("/validate/", StringComparison.Ordinal) ? new { token = _host.Tokens.Issue(session.Id), client = new { ip = "192.0.2.1", user_agent = "curl/8.0" } } : null;

        var answer = (await _host.Send(method, path, body, headers)).MustBe(503, "unknown-outcome");

        Assert.Equal("The server did not answer in time. Ask again.", (string?)answer.Json["detail"]);
    }

    [Fact]
    public async Task A_timeout_is_logged_without_the_call_that_it_tells_of()
    {
        _host.Grains.Fault = new TimeoutException("Response did not arrive on time for message: Request user/u:jane@example.org Login(LoginCommand).");
        (await _host.Login()).MustBe(503, "unknown-outcome");

        Assert.DoesNotContain("@", Assert.Single(_host.Log.Warnings, line => line.Contains("TimeoutException", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain(_host.Log.Warnings.Concat(_host.Log.Errors), line => line.Contains('@', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cluster_that_changed_meanwhile_is_an_unknown_outcome_to_be_retried()
    {
        foreach (var fault in new Exception[] { new AskAgainException(), new Orleans.Storage.InconsistentStateException("Another version is stored.") })
        {
            _host.Grains.Fault = fault;
            (await _host.Login()).MustBe(503, "unknown-outcome");
        }
    }

    [Fact]
    public async Task Health_tells_live_and_ready()
    {
        (await _host.Send("GET", "/health/live", null, ("Anonymous", ""))).MustBe(200);
        (await _host.Send("GET", "/health/ready", null, ("Anonymous", ""))).MustBe(200);
        _host.Readiness.Reason = "The database is away.";
        var answer = (await _host.Send("GET", "/health/ready", null, ("Anonymous", ""))).MustBe(503, "not-ready");
        Assert.Equal("The database is away.", (string?)answer.Json["detail"]);
        (await _host.Send("GET", "/health/live", null, ("Anonymous", ""))).MustBe(200);
    }

    [Fact]
    public async Task The_start_page_names_the_product_and_loads_nothing_from_elsewhere()
    {
        var answer = (await _host.Send("GET", "/", null, ("Anonymous", ""))).MustBe(200);
        Assert.Equal("text/html", answer.ContentType);
        Assert.Contains("SessionCluster", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("=\"//", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_with_faulty_settings_names_them_all()
    {
        var exception = await Assert.ThrowsAsync<AggregateException>(() => ApiHost.Start(
            ("Api:BootstrapKey", "short"), ("PublicUrl", "nonsense"), ("Proxies:Trusted:0", "nonsense"), ("Keys:0", "nonsense"), ("Events:Retention", "nonsense")));
        var failures = StartFailure.Explain(exception)!.Split("\n  ");
        foreach (var setting in new[] { "Api:BootstrapKey", "PublicUrl", "Proxies:Trusted:0", "Keys:0", "Events:Retention" })
        {
            Assert.Contains(failures, failure => failure.StartsWith(setting, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_start_with_a_bad_key_ring_file_fails_and_names_it()
    {
        var folder = Directory.CreateTempSubdirectory("sessioncluster-start-");
        try
        {
            var path = Path.Combine(folder.FullName, "keys");
            await File.WriteAllTextAsync(path, "broken");
            var exception = await Assert.ThrowsAsync<InvalidDataException>(() => ApiHost.StartWithFiles(folder.FullName));
            Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_start_without_any_key_makes_one_that_counts()
    {
        var folder = Directory.CreateTempSubdirectory("sessioncluster-start-");
        try
        {
            await using var own = await ApiHost.StartWithFiles(folder.FullName);
            var key = (await File.ReadAllTextAsync(Path.Combine(folder.FullName, "api-key"))).Trim();
            (await own.Login(null, ("Authorization", "Bearer " + key))).MustBe(201);
            (await own.Login()).MustBe(401, "unauthenticated");

            // It counts only while no other is configured.
            await using var configured = await ApiHost.StartWithFiles(folder.FullName, ("Api:BootstrapKey", ApiHost.Key));
            (await configured.Login()).MustBe(201);
            (await configured.Login(null, ("Authorization", "Bearer " + key))).MustBe(401, "unauthenticated");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_slug_is_there_once()
    {
        var slugs = typeof(Problem).GetFields().Select(field => ((ProblemType)field.GetValue(null)!).Slug).ToList();
        Assert.NotEmpty(slugs);
        Assert.Equal(slugs.Count, slugs.Distinct().Count());
    }
}
