using SessionCluster.Bindings;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Http;

public sealed class SessionUseTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private Task<Answer> Validate(string token) => _host.Send(
        "POST", "/api/v3/sessions/validate/", new { token, client = new { ip = "5.6.7.8", user_agent = "x", method = "GET", path = "/a?token=1" } });

    [Fact]
    public async Task A_live_session_is_active_with_user_and_data()
    {
        var session = _host.Grains.Add("42", data: """{"a":[1,"é"]}""");
        var answer = (await Validate(_host.Tokens.Issue(session.Id))).MustBe(200);
        Assert.True((bool)answer.Json["active"]!);
        Assert.Equal(session.Id.ToString(), (string?)answer.Json["session"]!["uuid"]);
        Assert.Equal("""{"pk":42,"username":"jane","email":"j@x","name":"Jane","is_active":true}""", answer.Json["user"]!.ToJsonString());
        Assert.Equal("é", (string?)answer.Json["data"]!["a"]![1]);
        Assert.NotNull(answer.Json["session"]!["data"]);
        var told = _host.Grains.Last<Validated>();
        Assert.Equal((session.Id, "5.6.7.8", "/a"), (told.Session, told.Client.Ip, told.Client.Path));
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Every_other_string_is_malformed_and_touches_no_grain(string token)
    {
        foreach (var text in new[] { token, token + new string('y', 300) })
        {
            Assert.Equal("""{"active":false,"reason":"malformed"}""", (await Validate(text)).MustBe(200).Text);
        }

        Assert.Empty(_host.Grains.Calls);
    }

    [Theory]
    [InlineData(SessionStatus.Unknown, "unknown")]
    [InlineData(SessionStatus.Expired, "expired")]
    [InlineData(SessionStatus.Idle, "idle")]
    [InlineData(SessionStatus.Revoked, "revoked")]
    [InlineData(SessionStatus.UserInactive, "user_inactive")]
    public async Task A_session_that_is_not_live_has_its_reason(SessionStatus status, string reason)
    {
        var session = _host.Grains.Add("42");
        _host.Grains.Refused[session.Id] = new ValidateResult(status, null, null);
        Assert.Equal($$"""{"active":false,"reason":"{{reason}}"}""", (await Validate(_host.Tokens.Issue(session.Id))).MustBe(200).Text);
    }

    [Fact]
    public async Task A_broken_binding_tells_services_its_values_and_browsers_nothing()
    {
        var session = _host.Grains.Add("42");
        var broken = new BindingBreak("network.asn", "1", "2", "1.2.3.4", "5.6.7.8", null, null);
        _host.Grains.Refused[session.Id] = new ValidateResult(SessionStatus.BindingBroken, null, broken);
        var service = (await Validate(_host.Tokens.Issue(session.Id))).MustBe(200);
        Assert.Equal("""{"reason":"network.asn","previous_value":1,"new_value":2}""", service.Json["binding"]!.ToJsonString());

        var browser = (await _host.Send("GET", "/api/v3/sessions/current/", null, ("Cookie", _host.CookieOf(session)))).MustBe(401, "unauthenticated");
        Assert.Equal("binding_broken", (string?)browser.Json["reason"]);
        Assert.DoesNotContain("network.asn", browser.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"client":{"ip":"1.2.3.4"}}""", "token")]
    [InlineData("""{"token":5,"client":{"ip":"1.2.3.4"}}""", "token")]
    [InlineData("""{"token":"x"}""", "client")]
    [InlineData("""{"token":"x","client":{"ip":null}}""", "client.ip")]
    [InlineData("""{"token":"x\u0000","client":{"ip":"1.2.3.4"}}""", "token")]
    public async Task Validate_names_a_faulty_field(string body, string field)
    {
        var answer = (await _host.Send("POST", "/api/v3/sessions/validate/", body)).MustBe(400, "invalid-request");
        Assert.NotNull(answer.Json["errors"]![field]);
    }

    [Fact]
    public async Task Current_is_for_the_cookie_and_for_the_session_scheme()
    {
        var session = _host.Grains.Add("abc", data: "5");
        foreach (var header in new[] { ("Cookie", _host.CookieOf(session)), ("Authorization", _host.SchemeOf(session)) })
        {
            var answer = (await _host.Send("GET", "/api/v3/sessions/current/", null, header)).MustBe(200);
            Assert.True((bool)answer.Json["session"]!["current"]!);
            Assert.Equal("abc", (string?)answer.Json["user"]!["pk"]);
            Assert.Equal(5, (int)answer.Json["data"]!);
            Assert.False(answer.Json["session"]!.AsObject().ContainsKey("data"));
        }

        Assert.Equal("127.0.0.1", _host.Grains.Last<Validated>().Client.Ip);
    }

    [Fact]
    public async Task Data_is_replaced_while_the_session_lives()
    {
        var session = _host.Grains.Add("42");
        var token = _host.Tokens.Issue(session.Id);
        (await _host.Send("PUT", "/api/v3/sessions/data/", new { token, data = new { a = 1 } })).MustBe(200);
        Assert.Equal("""{"a":1}""", _host.Grains.Sessions[session.Id].DataJson);
        (await _host.Send("PUT", "/api/v3/sessions/data/", """{"token":"TOKEN","data":null}""".Replace("TOKEN", token, StringComparison.Ordinal))).MustBe(200);
        Assert.Null(_host.Grains.Sessions[session.Id].DataJson);
        (await _host.Send("PUT", "/api/v3/sessions/data/", new { token })).MustBe(400, "invalid-request");
        Assert.NotNull((await _host.Send("PUT", "/api/v3/sessions/data/", new { token = new string('x', 257), data = 1 })).MustBe(400, "invalid-request").Json["errors"]!["token"]);
        (await _host.Send("PUT", "/api/v3/sessions/data/", new { token = new string('x', 256), data = 1 })).MustBe(409, "session-ended");
        _host.Grains.Sessions.Clear();
        (await _host.Send("PUT", "/api/v3/sessions/data/", new { token, data = 1 })).MustBe(409, "session-ended");
    }

    [Fact]
    public async Task Data_is_stored_by_a_third_question_when_the_cluster_changes_meanwhile()
    {
        var session = _host.Grains.Add("42");
        var token = _host.Tokens.Issue(session.Id);
        _host.Grains.Changes = 2;
        (await _host.Send("PUT", "/api/v3/sessions/data/", new { token, data = 1 })).MustBe(200);
        Assert.Equal("1", _host.Grains.Sessions[session.Id].DataJson);
        _host.Grains.Changes = 3;
        (await _host.Send("PUT", "/api/v3/sessions/data/", new { token, data = 2 })).MustBe(503, "unknown-outcome");
    }

    [Theory]
    [InlineData("login-only-key", EndReason.LoggedOut)]
    [InlineData("manage-only-key", EndReason.RevokedByAdmin)]
    public async Task Revoke_ends_the_session_of_a_token_and_repeats_are_empty(string key, EndReason reason)
    {
        var session = _host.Grains.Add("42");
        var token = _host.Tokens.Issue(session.Id);
        var auth = ("Authorization", "Bearer " + key);
        var first = (await _host.Send("POST", "/api/v3/sessions/revoke/", new { token, reason = "because", client = new { ip = "9.9.9.9" } }, auth)).MustBe(200);
        Assert.Equal(session.Id.ToString(), (string?)first.Json["ended"]!.AsArray().Single());
        var command = _host.Grains.Last<Ended>().Command;
        Assert.Equal((reason, "because", "9.9.9.9"), (command.Reason, command.ReasonText, command.Client!.Ip));
        Assert.Single(_host.Grains.Calls.OfType<Told>());
        Assert.StartsWith("sessioncluster_session=; Path=/; Max-Age=0;", (string?)first.Json["clear_cookie"], StringComparison.Ordinal);
        foreach (var other in new[] { token, "nonsense" })
        {
            var again = (await _host.Send("POST", "/api/v3/sessions/revoke/", new { token = other }, auth)).MustBe(200);
            Assert.Empty(again.Json["ended"]!.AsArray());
            Assert.NotNull(again.Json["clear_cookie"]);
        }

        (await _host.Send("POST", "/api/v3/sessions/revoke/", new { token = new string('x', 257) }, auth)).MustBe(400, "invalid-request");
    }

    [Fact]
    public async Task No_ending_is_answered_before_it_is_told()
    {
        var session = _host.Grains.Add("42");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Grains.TellGate = gate.Task;
        var revoke = _host.Send("POST", "/api/v3/sessions/revoke/", new { token = _host.Tokens.Issue(session.Id) });
        while (_host.Grains.Sessions.ContainsKey(session.Id))
        {
            await Task.Yield();
        }

        (await _host.Send("GET", "/health/live")).MustBe(200);
        Assert.False(revoke.IsCompleted);
        gate.SetResult();
        (await revoke).MustBe(200);
    }

    [Fact]
    public async Task Logout_ends_the_session_and_clears_the_cookie()
    {
        var session = _host.Grains.Add("42");
        (string, string)[] headers = [("Cookie", _host.CookieOf(session)), ("Origin", _host.Origin)];
        var answer = (await _host.Send("POST", "/api/v3/sessions/current/logout/", null, headers)).MustBe(204);
        Assert.StartsWith("sessioncluster_session=; Path=/; Max-Age=0", answer.Headers["Set-Cookie"], StringComparison.Ordinal);
        Assert.Empty(_host.Grains.Sessions);
        Assert.Equal(EndReason.LoggedOut, _host.Grains.Last<Ended>().Command.Reason);
        Assert.Single(_host.Grains.Calls.OfType<Told>());
        Assert.Empty(_host.Grains.Calls.OfType<Validated>());
        (await _host.Send("POST", "/api/v3/sessions/current/logout/", null, ("Anonymous", ""))).MustBe(401, "unauthenticated");
    }

    /// <summary>Another call may have ended it a moment ago, and not be answered yet as a process can still accept it.</summary>
    [Fact]
    public async Task Logout_of_an_ended_session_waits_for_what_ended_it()
    {
        var session = _host.Grains.Add("42");
        _host.Grains.Sessions.TryRemove(session.Id, out _);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Grains.TellGate = gate.Task;
        var logout = _host.Send("POST", "/api/v3/sessions/current/logout/", null, ("Cookie", _host.CookieOf(session)), ("Origin", _host.Origin));
        while (!logout.IsCompleted && !_host.Grains.Calls.OfType<Ended>().Any())
        {
            await Task.Yield();
        }

        (await _host.Send("GET", "/health/live")).MustBe(200);
        Assert.False(logout.IsCompleted);
        gate.SetResult();
        (await logout).MustBe(204);
    }
}
