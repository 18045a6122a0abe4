using System.Net;

namespace SessionCluster.Server.Tests;

/// <summary>A server of its own, so that its counts of sessions and events are this class's alone.</summary>
public sealed class UntouchedServer : SharedServer
{
    protected override IEnumerable<string> Settings => [];
}

public sealed class BadInputTests(UntouchedServer server) : IClassFixture<UntouchedServer>
{
    private const string Sessions = "/api/v3/sessions/";
    private const string Validate = "/api/v3/sessions/validate/";
    private const string Data = "/api/v3/sessions/data/";
    private const string Revoke = "/api/v3/sessions/revoke/";
    private const string Stages = "/api/v3/stages/user_login/";
    private const string List = "/api/v3/core/authenticated_sessions/";
    private const string User = """ "pending_user": {"pk": "1"} """;
    private const string Client = """ "client": {"ip": "192.0.2.1"} """;

    private readonly ApiClient _api = server.Api;

    /// <summary>Method, path, body, the status and the field that the answer must name (none for null).</summary>
    public static TheoryData<string, string, string?, int, string?> Requests
    {
        get
        {
            var rows = new TheoryData<string, string, string?, int, string?>();
            AddBodies(rows);
            AddLogins(rows);
            AddAddresses(rows);
            AddOthers(rows);
            AddQueries(rows);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_bad_request_is_a_clear_4xx_that_names_the_field_and_changes_nothing(
        string method, string path, string? body, int status, string? field)
    {
        var before = await Counts();

        var answer = (await _api.Send(new HttpMethod(method), path, body)).Is(status);

        if (field is not null)
        {
            Assert.Equal("application/problem+json", answer.ContentType);
            Assert.True(answer.Json!["errors"]!.AsObject().ContainsKey(field), answer.Text);
            Assert.NotEmpty(answer.Json["errors"]![field]!.AsArray());
        }

        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
        Assert.Equal(before, await Counts());
    }

    /// <summary>Each fault named under the long name would be a quarter of a gigabyte.</summary>
    [Fact]
    public async Task A_body_or_a_query_that_is_wrong_in_thousands_of_members_is_told_of_a_few()
    {
        const string Executor = "/api/v3/flows/executor/x/";
        var members = string.Join(',', Enumerable.Range(0, 2900).Select(number => $"\"{number:D4}\":\"\\u0000\""));
        foreach (var body in new[] { $"{{\"{new string('a', 16_000)}\":{{{members}}}}}", $"{{{members}}}" })
        {
            Assert.InRange((await _api.Post(Executor, body)).Is(400).Text.Length, 100, 8 * 1024);
        }

        var query = await _api.Get($"{Executor}?{string.Join('&', Enumerable.Range(0, 900).Select(number => $"{number:D3}=%00"))}");
        Assert.Equal(32, query.Is(400).Json!["errors"]!.AsObject().Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("\u00e4")]
    [InlineData("null")]
    public async Task What_was_never_a_token_is_malformed(string token) => Assert.Equal("malformed", await _api.WhyNot(token));

    [Fact]
    public async Task A_changed_token_is_malformed_and_the_session_is_untouched()
    {
        var login = await _api.Login(Actions.NewUser());
        var before = await Counts();
        var token = login.Token;

        string[] changed =
        [
            token[..^1], token[1..], token + "A", token + "=", " " + token, token.ToUpperInvariant(), new string('A', token.Length), new string('A', 30_000),
            .. Enumerable.Range(0, token.Length).Select(at => token[..at] + (token[at] == 'A' ? 'B' : 'A') + token[(at + 1)..]),
        ];
        foreach (var text in changed)
        {
            Assert.Equal("malformed", await _api.WhyNot(text));
        }

        Assert.Null(await _api.WhyNot(token));
        Assert.Equal(before, await Counts());
    }

    [Fact]
    public async Task Tokens_of_another_servers_keys_are_malformed()
    {
        using var folder = new TempFolder();
        await using var other = await ServerProcess.Start(folder.In("data"));

        var login = await other.Api.Login("1");

        Assert.Equal("malformed", await _api.WhyNot(login.Token));
        Assert.Null(await other.Api.WhyNot(login.Token));
    }

    [Theory]
    [InlineData("fe80::1%eth0", null)]
    [InlineData("::ffff:100.64.0.1", "100.64.0.1")]
    [InlineData("::FFFF:6440:1", "100.64.0.1")]
    [InlineData("2001:DB8:0:0:0:0:0:1", "2001:db8::1")]
    public async Task An_address_has_one_form(string ip, string? stored)
    {
        var answer = await _api.TryLogin(Actions.NewUser(), ip: ip);

        Assert.Equal(stored is null ? 400 : 201, answer.Status);
        Assert.Equal(stored, answer.At("session.last_ip")?.GetValue<string>());
    }

    [Fact]
    public async Task A_body_of_a_megabyte_is_refused()
    {
        var before = await Counts();

        // The client waits for the refusal; one that goes on sending may find the connection closed before it reads the answer.
        var body = Actions.LoginBody(Actions.NewUser(), more: $", \"data\": \"{new string('x', 1 << 20)}\"");
        var answer = await _api.Post("/api/v3/sessions/", body, ("Expect", "100-continue"));

        Assert.Equal(413, answer.Status);
        Assert.Equal("body-too-large", answer.Problem);
        Assert.Equal(before, await Counts());
    }

    [Fact]
    public async Task A_long_user_agent_of_a_browser_is_cut_and_one_of_a_megabyte_is_a_431()
    {
        var login = await _api.Login(Actions.NewUser());
        var long3 = new string('a', 3000);

        var cut = await _api.Get("/api/v3/sessions/current/", ("Authorization", $"Session {login.Token}"), ("User-Agent", long3), ("X-Forwarded-For", Places.Berlin));
        Assert.Equal(long3[..2048], cut.Is(200).StringAt("session.last_user_agent"));

        var refused = await _api.Get("/api/v3/sessions/current/", ("Authorization", $"Session {login.Token}"), ("User-Agent", new string('a', 40_000)));
        Assert.Equal((int)HttpStatusCode.RequestHeaderFieldsTooLarge, refused.Status);
        Assert.Null(await _api.WhyNot(login.Token));
    }

    [Fact]
    public async Task Without_a_key_or_with_a_wrong_one_nothing_is_told_but_401()
    {
        foreach (var path in (string[])[Sessions, Validate, Revoke, Stages, "/api/v3/users/1/deactivate/"])
        {
            var answers = new[]
            {
                await _api.Post(path, "{}", ("Authorization", "")),
                await _api.Post(path, "{}", ("Authorization", $"Bearer {_api.Key}x")),
                await _api.Post(path, "{}", ("Authorization", $"Bearer {new string('x', 5000)}")),
                await _api.Post(path, "{}", ("Authorization", $"Basic {_api.Key}")),
            };
            Assert.All(answers, answer => Assert.Equal("unauthenticated", answer.Is(401).Problem));
        }
    }

    private static void AddBodies(TheoryData<string, string, string?, int, string?> rows)
    {
        foreach (var path in (string[])[Sessions, Validate, Revoke, Stages])
        {
            foreach (var body in (string[])["", "{", "[]", "null", "\"x\"", "{\"a\":1,\"a\":2}", "{\"a\":\"\\ud800\"}", "\u0001", new string('[', 1000)])
            {
                rows.Add("POST", path, body, 400, body.Contains("ud800", StringComparison.Ordinal) ? "a" : "non_field_errors");
            }
        }
    }

    private static void AddLogins(TheoryData<string, string, string?, int, string?> rows)
    {
        (string Body, string Field)[] cases =
        [
            ($"{{{User}, {Client}}}", "stage"),
            ($$"""{"stage": 1, {{User}}, {{Client}}}""", "stage"),
            ($$"""{"stage": "unknown", {{User}}, {{Client}}}""", "stage"),
            ($$"""{"stage": "a\u0000b", {{User}}, {{Client}}}""", "stage"),
            ($$"""{"stage": "default", {{Client}}}""", "pending_user"),
            ($$"""{"stage": "default", "pending_user": "jane", {{Client}}}""", "pending_user"),
            ($$"""{"stage": "default", "pending_user": {}, {{Client}}}""", "pending_user.pk"),
            ($$"""{"stage": "default", "pending_user": {"pk": ""}, {{Client}}}""", "pending_user.pk"),
            ($$"""{"stage": "default", "pending_user": {"pk": "."}, {{Client}}}""", "pending_user.pk"),
            ($$"""{"stage": "default", "pending_user": {"pk": ".."}, {{Client}}}""", "pending_user.pk"),
            ($$"""{"stage": "default", "pending_user": {"pk": 1.5}, {{Client}}}""", "pending_user.pk"),
            ($$"""{"stage": "default", "pending_user": {"pk": "{{new string('x', 256)}}"}, {{Client}}}""", "pending_user.pk"),
            ($$"""{"stage": "default", "pending_user": {"pk": "a\u0000"}, {{Client}}}""", "pending_user.pk"),
            ($$"""{"stage": "default", "pending_user": {"pk": "1", "username": 5}, {{Client}}}""", "pending_user.username"),
            ($$"""{"stage": "default", "pending_user": {"pk": "1", "is_active": "yes"}, {{Client}}}""", "pending_user.is_active"),
            ($$"""{"stage": "default", {{User}}}""", "client"),
            ($$"""{"stage": "default", {{User}}, "client": {} }""", "client.ip"),
            ($$"""{"stage": "default", {{User}}, "client": {"ip": "192.0.2.1", "user_agent": "{{new string('x', 2049)}}"} }""", "client.user_agent"),
            ($$"""{"stage": "default", {{User}}, "client": {"ip": "192.0.2.1", "args": [1]} }""", "client.args"),
            ($$"""{"stage": "default", {{User}}, "client": {"ip": "192.0.2.1", "args": {"x": "\u0000"} } }""", "client.args.x"),
            ($$"""{"stage": "default", {{User}}, "client": {"ip": "192.0.2.1", "device_cookie": 5} }""", "client.device_cookie"),
            ($$"""{"stage": "default", {{User}}, "client": {"ip": "192.0.2.1", "session_token": "{{new string('x', 257)}}"} }""", "client.session_token"),
            ($$"""{"stage": "default", {{User}}, {{Client}}, "remember_me": "yes"}""", "remember_me"),
            ($$"""{"stage": "default", {{User}}, {{Client}}, "context": 1}""", "context"),
            ($$"""{"stage": "default", {{User}}, {{Client}}, "context": {"next": "//evil.test"} }""", "context.next"),
            ($$"""{"stage": "default", {{User}}, {{Client}}, "context": {"next": "https://evil.test/"} }""", "context.next"),
            ($$"""{"stage": "default", {{User}}, {{Client}}, "context": {"auth_method_args": "x"} }""", "context.auth_method_args"),
            ($$"""{"stage": "default", {{User}}, {{Client}}, "data": "{{new string('x', 32_767)}}"}""", "data"),
            ($$"""{"stage": "default", {{User}}, {{Client}}, "data": {"x": ["\u0000"]} }""", "data.x"),
        ];
        foreach (var (body, field) in cases)
        {
            rows.Add("POST", Sessions, body, 400, field);
        }
    }

    private static void AddAddresses(TheoryData<string, string, string?, int, string?> rows)
    {
        string[] addresses =
            ["null", "5", "\"\"", "\"x\"", "\"1.2.3\"", "\"1.2.3.4.5\"", "\"256.1.1.1\"", "\"01.2.3.4\"", "\"0x7f.1\"", "\"1.2.3.4/8\"", "\"1.2.3.4:80\"",
             "\" 1.2.3.4\"", "\"[::1]\"", "\"fe80::1%1\"", "\"::ffff:1.2.3\"", "\"1::2::3\"", "\"12345::\"", "\"1.2.3.4\\u0000\""];
        foreach (var ip in addresses)
        {
            rows.Add("POST", Sessions, $$"""{"stage": "default", {{User}}, "client": {"ip": {{ip}}} }""", 400, "client.ip");
            rows.Add("POST", Validate, $$"""{"token": "x", "client": {"ip": {{ip}}} }""", 400, "client.ip");
        }
    }

    private static void AddOthers(TheoryData<string, string, string?, int, string?> rows)
    {
        rows.Add("POST", Validate, $"{{{Client}}}", 400, "token");
        rows.Add("POST", Validate, $$"""{"token": 5, {{Client}}}""", 400, "token");
        rows.Add("POST", Validate, """{"token": "x"}""", 400, "client");
        rows.Add("PUT", Data, """{"data": 1}""", 400, "token");
        rows.Add("PUT", Data, """{"token": "x"}""", 400, "data");
        rows.Add("PUT", Data, $$"""{"token": "x", "data": "{{new string('x', 32_767)}}"}""", 400, "data");
        rows.Add("PUT", Data, """{"token": "x", "data": 1}""", 409, null);
        rows.Add("POST", Revoke, """{"token": null}""", 400, "token");
        rows.Add("POST", Revoke, $$"""{"token": "x", "reason": "{{new string('x', 256)}}"}""", 400, "reason");
        rows.Add("POST", "/api/v3/users/1/sessions/revoke/", """{"except": "x"}""", 400, "except");
        rows.Add("POST", "/api/v3/users/1/sessions/revoke/", "[]", 400, "non_field_errors");
        rows.Add("POST", $"/api/v3/users/{new string('x', 256)}/deactivate/", null, 400, "pk");
        rows.Add("POST", "/api/v3/users/a%00b/deactivate/", null, 400, null);
        rows.Add("GET", "/api/v3/users/a%00b/", null, 400, null);
        rows.Add("DELETE", List + "bulk_delete/", null, 400, "user_pks");
        rows.Add("DELETE", List + "bulk_delete/?" + string.Join('&', Enumerable.Range(0, 101).Select(i => $"user_pks={i}")), null, 400, "user_pks");
        rows.Add("DELETE", List + $"{Guid.Empty}/", null, 404, null);
        rows.Add("DELETE", List + "x/", null, 404, null);
        rows.Add("DELETE", "/api/v3/users/1/devices/x/", null, 404, null);
        rows.Add("GET", "/api/v3/events/events/x/", null, 404, null);
        rows.Add("GET", "/api/v3/nothing/", null, 404, null);
        rows.Add("PUT", Sessions, "{}", 405, null);
    }

    private static void AddQueries(TheoryData<string, string, string?, int, string?> rows)
    {
        rows.Add("GET", List + "?search=a%00b", null, 400, "search");
        rows.Add("GET", List + "?ordering=password", null, 400, "ordering");
        rows.Add("GET", List + "?asn=x", null, 400, "asn");
        rows.Add("GET", List + "?page_size=0", null, 400, "page_size");
        rows.Add("GET", List + "?page_size=-1", null, 400, "page_size");
        rows.Add("GET", List + $"?search={new string('x', 2049)}", null, 400, "search");
        rows.Add("GET", List + $"?user={new string('x', 256)}", null, 400, "user");
        rows.Add("GET", List + "?page=0", null, 404, null);
        rows.Add("GET", List + "?page=x", null, 404, null);
        rows.Add("GET", List + "?page=2147483648", null, 404, null);
        rows.Add("GET", Stages + "?network_binding=x", null, 400, "network_binding");
        rows.Add("GET", "/api/v3/events/events/?username=%00", null, 400, "username");
    }

    private async Task<(int Sessions, int Events, int Stages)> Counts() =>
        (await Count(List), await Count("/api/v3/events/events/"), await Count(Stages));

    private async Task<int> Count(string path) => (await _api.Get(path)).Is(200).At("pagination.count")!.GetValue<int>();
}
