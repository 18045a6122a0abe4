namespace SessionCluster.Server.Tests;

[Collection(nameof(PlainServer))]
public sealed class EventTests(PlainServer server)
{
    /// <summary>The example in authentik's documentation, with the uuid of the session that every event has here.</summary>
    private const string Seed = """
        {
          "asn": { "asn": 6805, "as_org": "Telefonica Germany", "network": "5.4.0.0/14" },
          "geo": { "lat": 51.2993, "city": "", "long": 9.491, "country": "DE", "continent": "EU" },
          "binding": {
            "reason": "network.missing",
            "new_value": { "asn": 6805, "as_org": "Telefonica Germany", "network": "5.4.0.0/14" },
            "previous_value": {}
          },
          "ip": { "previous": "1.2.3.4", "new": "5.6.7.8" },
          "http_request": { "args": {}, "path": "/if/admin/", "method": "GET", "user_agent": "Mozilla/5.0" },
          "logout_reason": "Session binding broken",
          "session_uuid": "any"
        }
        """;

    private readonly ApiClient _api = server.Api;

    [Fact]
    public async Task The_event_of_a_broken_binding_is_the_seeds_key_for_key()
    {
        var stage = await _api.Stage("\"network_binding\": \"bind_asn\"");
        var login = await _api.Login(Actions.NewUser(), stage, Places.Nowhere);

        await _api.Validate(login.Token, Places.GermanyNoCity);

        var entry = await _api.LogoutEvent(login);
        var context = entry["context"]!;
        Assert.Equal(Keys(JsonNode.Parse(Seed)!).Order(), Keys(context).Order());
        Assert.Equal("", context["geo"]!["city"]!.GetValue<string>());
        Assert.Equal(51.2993, context["geo"]!["lat"]!.GetValue<double>());
        Assert.Equal("DE", context["geo"]!["country"]!.GetValue<string>());
        Assert.Equal("EU", context["geo"]!["continent"]!.GetValue<string>());
        Assert.Equal("network.missing", context["binding"]!["reason"]!.GetValue<string>());
        Assert.Equal("{}", context["binding"]!["previous_value"]!.ToJsonString());
        Assert.Equal(context["asn"]!.ToJsonString(), context["binding"]!["new_value"]!.ToJsonString());
        Assert.Equal(Places.Nowhere, context["ip"]!["previous"]!.GetValue<string>());
        Assert.Equal(Places.GermanyNoCity, context["ip"]!["new"]!.GetValue<string>());
        Assert.Equal("/if/admin/", context["http_request"]!["path"]!.GetValue<string>());
        Assert.Equal("GET", context["http_request"]!["method"]!.GetValue<string>());
        Assert.Equal("{}", context["http_request"]!["args"]!.ToJsonString());
        Assert.Equal(Actions.UserAgent, context["http_request"]!["user_agent"]!.GetValue<string>());
        Assert.Equal("Session binding broken", context["logout_reason"]!.GetValue<string>());
        Assert.Equal(Places.GermanyNoCity, entry["client_ip"]!.GetValue<string>());
        Assert.Equal($"name-{login.User}", entry["user"]!["username"]!.GetValue<string>());
        Assert.Equal(login.User, entry["user"]!["pk"]!.GetValue<string>());
        Assert.Equal($"{login.User}@example.test", entry["user"]!["email"]!.GetValue<string>());
    }

    [Fact]
    public async Task Asn_and_geo_are_absent_where_the_new_address_is_unknown()
    {
        var stage = await _api.Stage("\"network_binding\": \"bind_asn\"");
        var login = await _api.Login(Actions.NewUser(), stage);

        await _api.Validate(login.Token, Places.Nowhere);

        var context = (await _api.LogoutEvent(login))["context"]!.AsObject();
        Assert.False(context.ContainsKey("asn"));
        Assert.False(context.ContainsKey("geo"));
        Assert.Equal("{}", context["binding"]!["new_value"]!.ToJsonString());
    }

    [Fact]
    public async Task Repeated_checks_of_a_broken_session_write_no_further_event()
    {
        var stage = await _api.Stage("\"network_binding\": \"bind_asn\"");
        var login = await _api.Login(Actions.NewUser(), stage);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _api.Validate(login.Token, Places.Tokyo)));

        await _api.LogoutEvent(login);
    }

    [Fact]
    public async Task A_login_writes_one_event_with_the_request_and_the_device()
    {
        var user = Actions.NewUser();
        var context = """
            , "context": {"auth_method": "auth_webauthn_pwl", "source": "ldap", "auth_method_args": {"mfa_devices": [1], "api_key": "k"}}
            """;

        var login = await _api.Login(user, more: context);

        var entry = Assert.Single(await _api.Events(user, "login"))!;
        var said = entry["context"]!;
        Assert.Equal("auth_webauthn_pwl", said["auth_method"]!.GetValue<string>());
        Assert.False(said["auth_method_args"]!["known_device"]!.GetValue<bool>());
        Assert.Equal("[1]", said["auth_method_args"]!["mfa_devices"]!.ToJsonString());
        Assert.Matches("^[*]+$", said["auth_method_args"]!["api_key"]!.GetValue<string>());
        Assert.Equal("ldap", said["source"]!.GetValue<string>());
        Assert.Equal(login.Uuid, said["session_uuid"]!.GetValue<string>());
        Assert.Equal("/login", said["http_request"]!["path"]!.GetValue<string>());
        Assert.Equal("POST", said["http_request"]!["method"]!.GetValue<string>());
        Assert.Equal("1", said["http_request"]!["args"]!["q"]!.GetValue<string>());
        Assert.Matches("^[*]+$", said["http_request"]!["args"]!["password"]!.GetValue<string>());
        Assert.NotEmpty(said["http_request"]!["request_id"]!.GetValue<string>());
        Assert.Equal(64500, said["asn"]!["asn"]!.GetValue<int>());
        Assert.Equal("Berlin", said["geo"]!["city"]!.GetValue<string>());
        Assert.Equal(Places.Berlin, entry["client_ip"]!.GetValue<string>());
        Assert.Equal("{}", entry["brand"]!.ToJsonString());

        var one = (await _api.Get($"/api/v3/events/events/{entry["pk"]}/")).Is(200);
        Assert.Equal(entry.ToJsonString(), one.Json!.ToJsonString());
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task The_callers_own_verdict_on_the_device_wins_everywhere(string verdict)
    {
        var user = Actions.NewUser();

        await _api.Login(user);
        var login = await _api.Login(user, more: $$""", "context": {"auth_method_args": {"known_device": {{verdict}} } }""");

        Assert.Equal(verdict, login.Answer.At("known_device")!.ToJsonString());
        Assert.Equal(verdict, login.Answer.At("session.known_device")!.ToJsonString());
        var entry = (await _api.Events(user, "login"))[1]!;
        Assert.Equal(verdict, entry["context"]!["auth_method_args"]!["known_device"]!.ToJsonString());
    }

    [Fact]
    public async Task Endings_by_a_key_and_deactivation_name_it()
    {
        var login = await _api.Login(Actions.NewUser());
        (await _api.Delete($"/api/v3/core/authenticated_sessions/{login.Uuid}/")).Is(204);
        Assert.Equal("bootstrap", (await _api.LogoutEvent(login))["context"]!["actor"]!.GetValue<string>());
        var own = await _api.Login(login.User);
        (await _api.Post("/api/v3/sessions/current/logout/", null, ("Cookie", own.Cookie), ("Origin", PlainServer.PublicUrl))).Is(204);
        Assert.Null((await _api.LogoutEvent(own))["context"]!["actor"]);

        var nobody = Actions.NewUser();
        (await _api.Post($"/api/v3/users/{nobody}/deactivate/")).Is(200);

        var told = (await Page($"action=model_updated&search={nobody}"))["results"]![0]!;
        Assert.Equal(nobody, told["user"]!["pk"]!.GetValue<string>());
        Assert.Equal("bootstrap", told["context"]!["actor"]!.GetValue<string>());
        Assert.Equal($$"""{"app":"authentik_core","model_name":"user","pk":"{{nobody}}","name":""}""", told["context"]!["model"]!.ToJsonString());
        Assert.Equal("""{"is_active":{"previous_value":true,"new_value":false}}""", told["context"]!["diff"]!.ToJsonString());
    }

    [Fact]
    public async Task Changes_of_stages_are_told_with_what_changed()
    {
        var stage = await _api.NewStage("\"session_duration\": \"hours=1\"");
        var (pk, path) = (stage.StringAt("pk").Replace("-", "", StringComparison.Ordinal), $"/api/v3/stages/user_login/{stage.StringAt("pk")}/");
        (await _api.Patch(path, """{"network_binding": "bind_asn"}""")).Is(200);
        (await _api.Delete(path)).Is(204);

        var told = (await Page($"search={pk}&ordering=created"))["results"]!.AsArray();

        Assert.Equal(["model_created", "model_updated", "model_deleted"], told.Select(e => e!["action"]!.GetValue<string>()));
        Assert.All(told, e => Assert.Equal("bootstrap", e!["context"]!["actor"]!.GetValue<string>()));
        Assert.All(told, e => Assert.Equal(stage.StringAt("name"), e!["context"]!["model"]!["name"]!.GetValue<string>()));
        Assert.Equal(
            """{"network_binding":{"previous_value":"no_binding","new_value":"bind_asn"}}""", told[1]!["context"]!["diff"]!.ToJsonString());
        Assert.Equal("{}", told[0]!["user"]!.ToJsonString());
    }

    [Fact]
    public async Task Events_are_filtered_paged_and_ordered()
    {
        var user = Actions.NewUser();
        for (var i = 0; i < 3; i++)
        {
            var login = await _api.Login(user, ip: Places.Hamburg);
            await _api.Delete($"/api/v3/core/authenticated_sessions/{login.Uuid}/");
        }

        var all = await Page($"username=name-{user}&actions=login&actions=logout&page_size=4");
        Assert.Equal(6, all["pagination"]!["count"]!.GetValue<int>());
        Assert.Equal(2, all["pagination"]!["next"]!.GetValue<int>());
        Assert.Equal(4, all["results"]!.AsArray().Count);
        var times = all["results"]!.AsArray().Select(e => e!["created"]!.GetValue<string>()).ToList();
        Assert.Equal(times.OrderDescending(StringComparer.Ordinal), times);
        Assert.Equal(3, (await Page($"username=name-{user}&client_ip={Places.Hamburg}&action=login"))["pagination"]!["count"]!.GetValue<int>());
        Assert.Equal(6, (await Page($"search={user}"))["pagination"]!["count"]!.GetValue<int>());
        Assert.Equal(400, (await _api.Get("/api/v3/events/events/?brand_name=x")).Status);
        Assert.Equal(400, (await _api.Get("/api/v3/events/events/?ordering=user")).Status);
        Assert.Equal(404, (await _api.Get($"/api/v3/events/events/?username=name-{user}&page=2")).Status);
    }

    private async Task<JsonNode> Page(string query) => (await _api.Get($"/api/v3/events/events/?{query}")).Is(200).Json!;

    /// <summary>The paths of all keys, at any depth.</summary>
    private static IEnumerable<string> Keys(JsonNode node, string path = "") => node is JsonObject members
        ? members.SelectMany(member => Keys(member.Value!, $"{path}/{member.Key}").Prepend($"{path}/{member.Key}"))
        : [];
}
