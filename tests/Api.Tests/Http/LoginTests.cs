using System.Text.Json.Nodes;
using SessionCluster.Devices;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

public sealed class LoginTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start(("Login:AllowedRedirects:0", "https://app.example.com"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_login_answers_session_token_and_cookies()
    {
        var answer = (await _host.Login()).MustBe(201);
        var token = (string)answer.Json["token"]!;
        Assert.True(_host.Tokens.TryRead(token, out var id));
        Assert.Equal(id.ToString(), (string?)answer.Json["session"]!["uuid"]);
        Assert.Equal(42, (int)answer.Json["session"]!["user"]!);
        Assert.Null(answer.Json["receipt"]);
        Assert.False((bool)answer.Json["known_device"]!);
        var cookies = answer.Json["cookies"]!.AsArray();
        Assert.Equal("sessioncluster_session", (string?)cookies[0]!["name"]);
        Assert.Equal(token, (string?)cookies[0]!["value"]);
        Assert.Equal($"sessioncluster_session={token}; Path=/; HttpOnly; SameSite=Lax", (string?)cookies[0]!["set_cookie"]);
        Assert.NotNull(_host.Devices.Read((string?)cookies[1]!["value"]));
        Assert.Contains("; Max-Age=2592000; Expires=Mon, 21 Dec 2026 12:00:00 GMT;", (string?)cookies[1]!["set_cookie"], StringComparison.Ordinal);
        Assert.False(answer.Headers.ContainsKey("Set-Cookie"));
        Assert.Empty(_host.Grains.Calls.OfType<Told>());
    }

    [Fact]
    public async Task The_grain_is_told_the_whole_login()
    {
        var previous = _host.Grains.Add("42");
        var claim = new DeviceCookieClaim(new DeviceId(Guid.NewGuid()), FakeGrains.Now.AddDays(3));
        var body = ApiHost.LoginBody();
        body["remember_me"] = true;
        body["data"] = new JsonObject { ["theme"] = "dark" };
        body["context"] = JsonNode.Parse("""{"auth_method":"webauthn","auth_method_args":{"known_device":true,"code":"123"},"source":"ldap","next":"/x"}""");
        body["client"]!["device_cookie"] = _host.Devices.Issue(claim);
        body["client"]!["session_token"] = _host.Tokens.Issue(previous.Id);
        body["client"]!["ip"] = "::ffff:1.2.3.4";
        body["client"]!["args"] = new JsonObject { ["next"] = "/", ["token"] = "hidden" };
        var answer = (await _host.Login(body)).MustBe(201);

        var command = _host.Grains.Last<LoginCommand>();
        Assert.Equal(("42", "jane", "j@x", "Jane"), (command.User.Id.Value, command.User.Username, command.User.Email, command.User.Name));
        Assert.Equal((true, true, "webauthn", "ldap"), (command.IsActive, command.RememberMe, command.AuthMethod, command.Source));
        Assert.Equal("""{"known_device":true,"code":"********"}""", command.AuthMethodArgsJson);
        Assert.True(command.KnownDevice);
        Assert.Equal("""{"theme":"dark"}""", command.DataJson);
        Assert.Equal(claim, command.Device);
        Assert.Equal(previous.Id, command.PreviousSession);
        Assert.False(command.PreviousIsOtherUsers);
        Assert.Equal(("1.2.3.4", "/login", "POST"), (command.Client.Ip, command.Client.Path, command.Client.Method));
        Assert.Equal("""{"next":"/","token":"********"}""", command.Client.ArgsJson);
        Assert.Equal("dark", (string?)answer.Json["session"]!["data"]!["theme"]);
        Assert.Equal(previous.Id.ToString(), (string?)answer.Json["receipt"]!["ended"]![0]);
        Assert.Equal("2026-11-21T12:00:00.000000Z", (string?)answer.Json["receipt"]!["committed_at"]);
    }

    [Theory]
    [InlineData(52)]
    [InlineData(5000)]
    public async Task Forged_cookies_of_the_browser_are_passed_over(int length)
    {
        var body = ApiHost.LoginBody();
        body["client"]!["device_cookie"] = new string('A', length);
        body["client"]!["session_token"] = new string('A', 44);
        (await _host.Login(body)).MustBe(201);
        var command = _host.Grains.Last<LoginCommand>();
        Assert.Null(command.Device);
        Assert.Null(command.PreviousSession);
    }

    [Fact]
    public async Task The_browsers_session_of_another_user_ends_and_is_told_before_the_login()
    {
        var other = _host.Grains.Add("7", "joe");
        var body = ApiHost.LoginBody();
        body["client"]!["session_token"] = _host.Tokens.Issue(other.Id);
        (await _host.Login(body)).MustBe(201);
        var calls = _host.Grains.Calls.Where(call => call is LoginCommand or Ended or Told).ToArray();
        Assert.True(Assert.IsType<LoginCommand>(calls[0]).PreviousIsOtherUsers);
        var ended = Assert.IsType<Ended>(calls[1]);
        Assert.Equal(("7", EndReason.ReplacedByLogin), (ended.User.Value, ended.Command.Reason));
        Assert.Equal(other.Id, Assert.Single(ended.Command.Sessions!.Value));
        Assert.Equal("7", Assert.IsType<Told>(calls[2]).User.Value);
        Assert.False(Assert.IsType<LoginCommand>(calls[3]).PreviousIsOtherUsers);
    }

    [Fact]
    public async Task A_refused_login_leaves_the_other_users_session_alone()
    {
        var other = _host.Grains.Add("7", "joe");
        var body = ApiHost.LoginBody();
        body["pending_user"]!["is_active"] = false;
        body["client"]!["session_token"] = _host.Tokens.Issue(other.Id);
        (await _host.Login(body)).MustBe(403, "access-denied");
        Assert.True(_host.Grains.Sessions.ContainsKey(other.Id));
    }

    [Fact]
    public async Task A_prompting_stage_without_an_answer_is_a_409_with_the_challenge()
    {
        var answer = (await _host.Login(ApiHost.LoginBody("asking"))).MustBe(409, "challenge-required");
        Assert.Equal("ak-stage-user-login", (string?)answer.Json["challenge"]!["component"]);
        Assert.Equal("jane", (string?)answer.Json["challenge"]!["pending_user"]);
        Assert.Equal("stacked", (string?)answer.Json["challenge"]!["flow_info"]!["layout"]);
    }

    [Theory]
    [InlineData(LoginOutcome.SessionLimit, 409, "session-limit")]
    [InlineData(LoginOutcome.IdempotencyKeyReused, 422, "idempotency-key-reused")]
    [InlineData(LoginOutcome.AccessDenied, 403, "access-denied")]
    public async Task Each_refusal_is_its_own_problem(LoginOutcome outcome, int status, string slug)
    {
        _host.Grains.Outcomes.Enqueue(outcome);
        (await _host.Login()).MustBe(status, slug);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"pk":null,"username":"jane"}""")]
    public async Task A_missing_or_unstored_user_is_denied(string pending)
    {
        var body = ApiHost.LoginBody();
        body["pending_user"] = JsonNode.Parse(pending);
        (await _host.Login(body)).MustBe(403, "access-denied");
        Assert.Empty(_host.Grains.Calls.OfType<LoginCommand>());
    }

    [Theory]
    [InlineData("stage", "null", "stage")]
    [InlineData("stage", "\"nowhere\"", "stage")]
    [InlineData("pending_user", "5", "pending_user")]
    [InlineData("pending_user", "{\"username\":\"x\"}", "pending_user.pk")]
    [InlineData("pending_user", "{\"pk\":\"\"}", "pending_user.pk")]
    [InlineData("pending_user", "{\"pk\":1.5}", "pending_user.pk")]
    [InlineData("pending_user", "{\"pk\":true}", "pending_user.pk")]
    [InlineData("pending_user", "{\"pk\":\"1\",\"is_active\":\"yes\"}", "pending_user.is_active")]
    [InlineData("remember_me", "\"yes\"", "remember_me")]
    [InlineData("client", "null", "client")]
    [InlineData("client", "{}", "client.ip")]
    [InlineData("client", "{\"ip\":\"300.1.1.1\"}", "client.ip")]
    [InlineData("client", "{\"ip\":\"1.2.3.4\",\"args\":[]}", "client.args")]
    [InlineData("context", "{\"next\":\"//evil.com\"}", "context.next")]
    [InlineData("context", "{\"next\":\"https://evil.com/\"}", "context.next")]
    [InlineData("context", "{\"auth_method_args\":\"x\"}", "context.auth_method_args")]
    [InlineData("data", "{\"x\":\"\\u0000\"}", "data.x")]
    public async Task A_faulty_field_is_a_400_that_names_it(string field, string json, string named)
    {
        var body = ApiHost.LoginBody();
        body.Remove(field);
        var text = body.ToJsonString();
        var answer = (await _host.Login($"{text[..^1]},\"{field}\":{json}}}")).MustBe(400, "invalid-request");
        Assert.NotNull((string?)answer.Json["errors"]![named]![0]);
        Assert.Empty(_host.Grains.Calls.OfType<LoginCommand>());
    }

    [Theory]
    [InlineData("pk", 255, 201)]
    [InlineData("pk", 256, 400)]
    public async Task A_user_key_has_at_most_255_characters(string field, int length, int status)
    {
        var body = ApiHost.LoginBody();
        body["pending_user"]![field] = new string('x', length);
        (await _host.Login(body)).MustBe(status);
    }

    [Theory]
    [InlineData(2048, 201)]
    [InlineData(2049, 400)]
    public async Task A_user_agent_from_a_service_has_at_most_2_KiB(int length, int status)
    {
        var body = ApiHost.LoginBody();
        body["client"]!["user_agent"] = new string('x', length);
        (await _host.Login(body)).MustBe(status);
    }

    [Theory]
    [InlineData(32_768, 201)]
    [InlineData(32_769, 400)]
    public async Task Data_has_at_most_32_KiB(int bytes, int status)
    {
        var body = ApiHost.LoginBody();
        body["data"] = new string('x', bytes - 2);
        (await _host.Login(body)).MustBe(status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/a?b=c")]
    [InlineData("https://app.example.com/back")]
    public async Task An_allowed_next_is_accepted(string next)
    {
        var body = ApiHost.LoginBody();
        body["context"] = new JsonObject { ["next"] = next };
        (await _host.Login(body)).MustBe(201);
    }

    [Fact]
    public async Task A_number_as_user_key_is_its_decimal_text()
    {
        var body = ApiHost.LoginBody();
        body["pending_user"]!["pk"] = 42;
        (await _host.Login(body)).MustBe(201);
        Assert.Equal("42", _host.Grains.Last<LoginCommand>().User.Id.Value);
    }

    [Theory]
    [InlineData("9007199254740991", true)]
    [InlineData("9007199254740992", false)]
    [InlineData("0", true)]
    [InlineData("042", false)]
    [InlineData("-1", false)]
    [InlineData("4 2", false)]
    public async Task A_user_is_a_number_only_where_every_reader_holds_it_exactly(string pk, bool number)
    {
        var answer = (await _host.Login(ApiHost.LoginBody(pk: pk))).MustBe(201);
        Assert.Equal(number ? pk : $"\"{pk}\"", answer.Json["session"]!["user"]!.ToJsonString());
    }

    [Fact]
    public async Task An_idempotency_key_is_hashed_over_caller_path_and_body()
    {
        (await _host.Login(null, ("Idempotency-Key", "a"))).MustBe(201);
        (await _host.Login(null, ("Idempotency-Key", "a"))).MustBe(201);
        (await _host.Login(ApiHost.LoginBody(pk: "43"), ("Idempotency-Key", "a"))).MustBe(201);
        (await _host.Login(null, ("Idempotency-Key", "a"), ("Authorization", "Bearer login-only-key"))).MustBe(201);
        (await _host.Login()).MustBe(201);
        (await _host.Send("POST", "/api/v3/sessions", ApiHost.LoginBody(), ("Idempotency-Key", "a"), ("Authorization", "Bearer " + ApiHost.Key))).MustBe(201);
        var keys = _host.Grains.Calls.OfType<LoginCommand>().Select(command => command.Idempotency).ToArray();
        Assert.Equal(keys[0], keys[1]);
        Assert.Equal(keys[0]!.Key, keys[2]!.Key);
        Assert.NotEqual(keys[0]!.Body, keys[2]!.Body);
        Assert.NotEqual(keys[0]!.Key, keys[3]!.Key);
        Assert.Null(keys[4]);
        // A slash at the end may be left out.
        Assert.Equal(keys[0], keys[5]);
        (await _host.Login(null, ("Idempotency-Key", new string('k', 255)))).MustBe(201);
        (await _host.Login(null, ("Idempotency-Key", new string('k', 256)))).MustBe(400, "invalid-request");
    }
}
