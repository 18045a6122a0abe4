using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>What the client makes of answers that the real server gives seldom, or not at a moment that a test can choose.</summary>
public sealed class ClientAnswerTests
{
    /// <summary>A server says 404 to a reader as soon as an ending is committed, and to one who ends only when it holds everywhere. By a key it would write.</summary>
    [Fact]
    public async Task That_a_session_is_gone_is_said_only_when_its_ending_holds()
    {
        var effective = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool? hasKey = null;
        await using var stub = await TestApp.StartAny(_ => { }, app =>
        {
            app.MapGet("/api/v3/core/authenticated_sessions/{uuid}/", () => Problem("not-found", 404));
            app.MapDelete("/api/v3/core/authenticated_sessions/{uuid}/", async (HttpRequest request) =>
            {
                hasKey = request.Headers.ContainsKey("Idempotency-Key");
                await effective.Task;
                return Problem("not-found", 404);
            });
        });

        var ending = ClientTests.Client(stub.Url, "key").EndSessionAsync("42", Guid.NewGuid());

        Assert.NotSame(ending, await Task.WhenAny(ending, Task.Delay(500)));
        effective.SetResult();
        Assert.False(await ending);
        Assert.False(hasKey);
    }

    /// <summary>What the first one did, nobody knows: a change has a key, by which the server knows its repeat.</summary>
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task A_call_whose_connection_is_lost_is_sent_once_more_and_not_a_third_time(int lost, bool isLogin)
    {
        var keys = new List<string>();
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapFallback((HttpContext http) =>
        {
            lock (keys)
            {
                keys.Add(http.Request.Headers["Idempotency-Key"].ToString());
                if (keys.Count > lost)
                {
                    return isLogin ? Problem("access-denied", 403) : Results.Text("""{"active":false,"reason":"revoked"}""", "application/json");
                }
            }

            http.Abort();
            return Results.Empty;
        }));
        var (client, here) = (ClientTests.Client(stub.Url, "key"), new ClientFacts("192.0.2.7"));
        async Task<bool> Send() => isLogin
            ? (await client.LoginAsync(new LoginRequest(new SessionUser("42"), here))).Refusal == LoginRefusal.AccessDenied
            : (await client.ValidateAsync("token", here)).Status == SessionStatus.Revoked;

        if (lost == 1)
        {
            Assert.True(await Send());
        }
        else
        {
            await Assert.ThrowsAsync<SessionClusterUnavailableException>(Send);
        }

        Assert.Equal(2, keys.Count);
        Assert.Equal((isLogin, keys[0]), (keys[0].Length >= 32, keys[1]));
    }

    /// <summary>In any order, with names escaped by a proxy, with what a newer server adds, and with nulls.</summary>
    [Fact]
    public async Task All_of_a_check_is_read()
    {
        await using var stub = await Checks("""
            {"newer":[{"active":false}],"data":{"a": 1},"user":{"is_active":true,"name":"Ann","email":null,"username":"ann","pk":"x"},"session":{
             "user_agent":{"string":"a","os":{"family":null}},"geo_ip":null,"user":7,"\u0075uid":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","last_ip":"192.0.2.7",
             "last_user_agent":"curl","last_used":"2026-01-02T03:04:05.123456Z","expires":"2026-01-03T03:04:05Z","created":"2026-01-01T03:04:05Z",
             "auth_method":null,"known_device":true,"network_binding":"bind_asn","geoip_binding":"bind_continent","data":{"b":2}},
             "binding":{"reason":"network.asn","previous_value":1,"new_value":2},"active":true}
            """);

        var check = await ClientTests.Client(stub.Url, "key").ValidateAsync("token", new ClientFacts("192.0.2.7"));

        Assert.Equal((SessionStatus.Active, """{"a": 1}"""), (check.Status, check.Data));
        Assert.Equal(new SessionUser("x", "ann") { Name = "Ann" }, check.User);
        Assert.Equal(("network.asn", 1, 2), (check.Binding!.Reason, check.Binding.PreviousValue.GetInt32(), check.Binding.NewValue.GetInt32()));
        Assert.Equal(
            new Session
            {
                Uuid = new Guid("3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
                User = "7",
                Created = new DateTimeOffset(2026, 1, 1, 3, 4, 5, TimeSpan.Zero),
                Expires = new DateTimeOffset(2026, 1, 3, 3, 4, 5, TimeSpan.Zero),
                LastUsed = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 123, 456, TimeSpan.Zero),
                LastIp = "192.0.2.7",
                LastUserAgent = "curl",
                KnownDevice = true,
                NetworkBinding = "bind_asn",
                GeoIpBinding = "bind_continent",
            },
            check.Session);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("{}")]
    [InlineData("""{"active":1}""")]
    [InlineData("""{"active":true}""")]
    [InlineData("""{"active":true,"session":5,"user":{"pk":1}}""")]
    [InlineData("""{"active":true,"session":{"uuid":"x"},"user":{"pk":1}}""")]
    [InlineData("""{"active":true,"session":{"uuid":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","user":7,"created":"2026-01-01T00:00:00Z"},"user":{"pk":1}}""")]
    [InlineData("""{"active":true,"session":{"uuid":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","user":7,"created":"2026-01-01T00:00:00Z","expires":"2026-01-01T00:00:00Z"},"user":{}}""")]
    [InlineData("""{"active":true,"session":{"uuid":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","user":7,"created":"2026-01-01T00:00:00Z","expires":"soon"},"user":{"pk":1}}""")]
    [InlineData("""{"active":false,"reason":"revoked" """)]
    public async Task An_answer_of_something_else_is_none(string answer)
    {
        await using var stub = await Checks(answer);

        var failure = await Assert.ThrowsAsync<SessionClusterUnavailableException>(
            () => ClientTests.Client(stub.Url, "key").ValidateAsync("token", new ClientFacts("192.0.2.7")));

        Assert.Contains("Does SessionCluster:Address lead to something else?", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"active\":")]
    public async Task A_check_that_is_not_answered_whole_in_time_is_given_up(string begun)
    {
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapPost("/api/v3/sessions/validate/", async (HttpContext http) =>
        {
            if (begun.Length > 0)
            {
                await http.Response.WriteAsync(begun);
                await http.Response.Body.FlushAsync();
            }

            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        }));
        var client = ClientTests.Client(stub.Url, "key", timeout: TimeSpan.FromSeconds(0.3));

        var failure = await Assert.ThrowsAsync<SessionClusterUnavailableException>(() => client.ValidateAsync("token", new ClientFacts("192.0.2.7")));

        Assert.Equal($"SessionCluster at {stub.Url} did not answer POST /api/v3/sessions/validate/ within 0.3 seconds.", failure.Message);
        using var impatient = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.ValidateAsync("token", new ClientFacts("192.0.2.7"), impatient.Token));
    }

    [Fact]
    public async Task A_list_whose_sessions_end_while_it_is_read_is_what_was_there()
    {
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapGet("/api/v3/core/authenticated_sessions/", (int page) => page == 1
            ? Results.Text("""{"pagination":{"total_pages":2},"results":[{"uuid":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","user":"42","created":"2026-11-30T00:00:00Z","expires":"2026-12-01T00:00:00Z"}]}""", "application/json")
            : Problem("not-found", 404)));

        Assert.Single(await ClientTests.Client(stub.Url, "key").ListSessionsAsync("42"));
    }

    /// <summary>An ending moves all rows behind it towards the first page, over the border of a page, too.</summary>
    [Fact]
    public async Task A_list_of_several_pages_has_each_live_session_once_though_others_end_while_it_is_read()
    {
        List<Guid> live = [.. Enumerable.Range(0, 6).Select(_ => Guid.NewGuid())];
        var staying = live[3..];
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapGet("/api/v3/core/authenticated_sessions/", (int page) =>
        {
            var rows = live.Skip((page - 1) * 2).Take(2).Select(uuid => $$"""{"uuid":"{{uuid}}","user":"42","created":"2026-11-30T00:00:00Z","expires":"2026-12-01T00:00:00Z"}""");
            var pages = (live.Count + 1) / 2;
            var answer = $$"""{"pagination":{"next":{{(page < pages ? page + 1 : 0)}},"total_pages":{{pages}} },"results":[{{string.Join(',', rows)}}]}""";
            live = live[(live.Count > 3 ? 1 : 0)..];
            return Results.Text(answer, "application/json");
        }));

        var sessions = await ClientTests.Client(stub.Url, "key").ListSessionsAsync("42");

        Assert.Equal(staying, sessions.Select(session => session.Uuid).Where(staying.Contains));
    }

    /// <summary>An app that does nothing but follow would else fail for good once its key is replaced.</summary>
    [Fact]
    public async Task A_key_that_was_replaced_in_its_file_is_read_again_also_for_a_stream()
    {
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapGet("/api/v3/events/stream/", (HttpContext http) =>
            http.Request.Headers.Authorization == "Bearer second" ? Results.Text(": alive\n\n", "text/event-stream") : Problem("unauthenticated", 401)));
        using var folder = new TempFolder();
        var services = new ServiceCollection();
        var file = folder.Write("key", "first"u8.ToArray());
        services.AddSessionClusterClient(o => (o.Address, o.ApiKeyFile) = (stub.Url, file));
        var client = services.BuildServiceProvider().GetRequiredService<ISessionClusterClient>();
        await Assert.ThrowsAsync<SessionClusterRequestException>(() => client.FollowEndingsAsync());

        folder.Write("key", "second"u8.ToArray());

        await using var endings = (await client.FollowEndingsAsync()).GetAsyncEnumerator();
        // The stream was opened, and is over.
        await Assert.ThrowsAsync<SessionClusterUnavailableException>(async () => await endings.MoveNextAsync());
    }

    /// <summary>The server says something every 15 seconds: silence is a connection that was lost without a word.</summary>
    [Fact]
    public async Task A_stream_of_endings_that_falls_silent_is_lost()
    {
        var time = new FakeTimeProvider();
        var beats = Channel.CreateUnbounded<string>();
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapGet("/api/v3/events/stream/", async (HttpContext http) =>
        {
            http.Response.ContentType = "text/event-stream";
            await foreach (var beat in beats.Reader.ReadAllAsync(http.RequestAborted))
            {
                await http.Response.WriteAsync(beat);
                await http.Response.Body.FlushAsync();
            }
        }));
        var session = Guid.NewGuid();
        beats.Writer.TryWrite(": alive\n\n");
        await using var endings = (await ClientTests.Client(stub.Url, "key", time).FollowEndingsAsync()).GetAsyncEnumerator();
        for (var beat = 0; beat < 3; beat++)
        {
            // Each byte that comes begins the time anew, so that three times 30 seconds are no silence.
            var next = endings.MoveNextAsync().AsTask();
            time.Advance(TimeSpan.FromSeconds(30));
            beats.Writer.TryWrite($$$"""
                event: logout
                data: {"context":{"session_uuid":"{{{session}}}"}}


                """);
            Assert.True(await next);
        }

        var lost = endings.MoveNextAsync().AsTask();
        // Its wait may begin a moment after the first step.
        await Poll.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(46));
            return Task.FromResult(lost.IsCompleted);
        });

        var failure = await Assert.ThrowsAsync<SessionClusterUnavailableException>(() => lost);
        Assert.Contains("cut off", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_endings_whose_line_does_not_end_is_given_up()
    {
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapGet("/api/v3/events/stream/", async (HttpContext http) =>
        {
            var part = new byte[64 * 1024];
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(part);
            }
        }));
        await using var endings = (await ClientTests.Client(stub.Url, "key").FollowEndingsAsync()).GetAsyncEnumerator();

        var failure = await Assert.ThrowsAsync<SessionClusterUnavailableException>(async () => await endings.MoveNextAsync());

        Assert.Contains("no end", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>With Metrics:Urls the server has its health on a port of its own.</summary>
    [Theory]
    [InlineData("not-found", 404, true)]
    [InlineData("https://tools.ietf.org/html/rfc9110#section-15.5.5", 404, false)]
    [InlineData("not-ready", 503, false)]
    public async Task A_server_without_health_at_its_address_is_there(string problem, int status, bool isReady)
    {
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapGet("/health/ready", () => Problem(problem, status)));

        Assert.Equal(isReady, await ClientTests.Client(stub.Url, "key").IsReadyAsync());
    }

    private static Task<TestApp> Checks(string answer) =>
        TestApp.StartAny(_ => { }, app => app.MapPost("/api/v3/sessions/validate/", () => Results.Text(answer, "application/json")));

    private static IResult Problem(string type, int status) =>
        Results.Text($$"""{"type":"{{type}}","title":"T","status":{{status}},"detail":"D"}""", "application/problem+json", statusCode: status);
}
