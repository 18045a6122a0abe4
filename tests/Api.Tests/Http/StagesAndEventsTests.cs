using System.Text.Json.Nodes;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

public sealed class StagesAndEventsTests : IAsyncLifetime
{
    private const string Stages = "/api/v3/stages/user_login/";

    private const string Events = "/api/v3/events/events/";

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start(("Events:Retention", "days=10"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("PATCH", "{\"session_duration\":\"hours=1\"}")]
    [InlineData("PUT", "{\"name\":\"shared\",\"session_duration\":\"hours=1\"}")]
    public async Task What_a_change_omits_and_another_changes_in_the_same_moment_is_kept(string method, string body)
    {
        var stage = _host.Grains.Catalog.Put("shared", TimeSpan.Zero);
        _host.Grains.Catalog.Meanwhile = () => _host.Grains.Catalog.Put(stage with { NetworkBinding = SessionCluster.Bindings.NetworkBinding.Asn });

        var answer = (await _host.Send(method, $"/api/v3/stages/user_login/{stage.Pk}/", body)).MustBe(200);

        Assert.Equal(("bind_asn", "hours=1"), ((string?)answer.Json["network_binding"], (string?)answer.Json["session_duration"]));
        var kept = (await _host.Grains.Catalog.Find($"{stage.Pk}"))!;
        Assert.Equal((SessionCluster.Bindings.NetworkBinding.Asn, "hours=1"), (kept.NetworkBinding, kept.SessionDuration.Text));
    }

    [Fact]
    public async Task A_stage_is_created_with_defaults_read_changed_and_deleted()
    {
        var created = (await _host.Send("POST", Stages, new { name = "strict", session_duration = "hours=1, minutes=30" })).MustBe(201).Json;
        Assert.Equal(
            [
                "pk", "name", "component", "verbose_name", "verbose_name_plural", "meta_model_name", "flow_set", "session_duration",
                "terminate_other_sessions", "remember_me_offset", "network_binding", "geoip_binding", "remember_device",
            ],
            created.AsObject().Select(member => member.Key));
        Assert.Equal("hours=1, minutes=30", (string?)created["session_duration"]);
        Assert.Equal(("seconds=0", "days=30", "no_binding"), ((string?)created["remember_me_offset"], (string?)created["remember_device"], (string?)created["geoip_binding"]));
        Assert.Equal("ak-stage-user-login-form", (string?)created["component"]);

        var path = $"{Stages}{created["pk"]}/";
        var patched = (await _host.Send("PATCH", path, new { network_binding = "bind_asn", terminate_other_sessions = true })).MustBe(200).Json;
        Assert.Equal(("strict", "bind_asn", true), ((string?)patched["name"], (string?)patched["network_binding"], (bool)patched["terminate_other_sessions"]!));
        var put = (await _host.Send("PUT", path, new { name = "stricter" })).MustBe(200).Json;
        Assert.Equal(("stricter", "bind_asn", "hours=1, minutes=30"), ((string?)put["name"], (string?)put["network_binding"], (string?)put["session_duration"]));
        (await _host.Send("PUT", path, new { remember_device = "seconds=0" })).MustBe(400, "invalid-request");
        Assert.Equal("[]", (await _host.Send("GET", path + "used_by/")).MustBe(200).Text);
        (await _host.Send("DELETE", path)).MustBe(204);
        foreach (var method in new[] { "GET", "DELETE" })
        {
            (await _host.Send(method, path)).MustBe(404, "not-found");
        }

        (await _host.Send("PATCH", path, new { })).MustBe(404, "not-found");
    }

    [Theory]
    [InlineData("""{}""", "name")]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":"  "}""", "name")]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"name":5}""", "name")]
    [InlineData("""{"name":"default"}""", "name")]
    [InlineData("""{"name":"x","session_duration":"5 minutes"}""", "session_duration")]
    [InlineData("""{"name":"x","session_duration":""}""", "session_duration")]
    [InlineData("""{"name":"x","remember_me_offset":"minute=1"}""", "remember_me_offset")]
    [InlineData("""{"name":"x","remember_device":3}""", "remember_device")]
    [InlineData("""{"name":"x","terminate_other_sessions":"yes"}""", "terminate_other_sessions")]
    [InlineData("""{"name":"x","terminate_other_sessions":null}""", "terminate_other_sessions")]
    [InlineData("""{"name":"x","network_binding":"bind_all"}""", "network_binding")]
    [InlineData("""{"name":"x","geoip_binding":"BIND_CONTINENT"}""", "geoip_binding")]
    public async Task A_faulty_field_is_named_once_in_both_forms(string body, string field)
    {
        var answer = (await _host.Send("POST", Stages, body)).MustBe(400, "invalid-request");
        Assert.Single(answer.Json["errors"]!.AsObject());
        Assert.Single(answer.Json["errors"]![field]!.AsArray());
        Assert.Equal(answer.Json["errors"]![field]!.ToJsonString(), answer.Json[field]!.ToJsonString());
    }

    [Theory]
    [InlineData("network_bindng", "network_binding")]
    [InlineData("Terminate_Other_Sessions", "terminate_other_sessions")]
    [InlineData("session_duratoin", "session_duration")]
    [InlineData("colour", null)]
    public async Task A_field_that_there_is_not_is_named_with_the_one_that_was_meant(string field, string? meant)
    {
        var answer = (await _host.Send("POST", Stages, new Dictionary<string, object> { ["name"] = "mistyped", [field] = "bind_asn" })).MustBe(400, "invalid-request");

        Assert.Equal(meant is null ? "There is no such field." : $"There is no such field; did you mean {meant}?", (string?)answer.Json["errors"]![field]![0]);
        Assert.Equal(0, (int)(await _host.Send("GET", Stages + "?name=mistyped")).Json["pagination"]!["count"]!);
    }

    [Fact]
    public async Task A_stage_that_was_read_can_be_sent_back()
    {
        var stage = (await _host.Send("GET", Stages + "?name=default")).MustBe(200).Json["results"]![0]!;

        (await _host.Send("PUT", $"{Stages}{stage["pk"]}/", stage.ToJsonString())).MustBe(200);
    }

    [Theory]
    [InlineData("", "asking,default")]
    [InlineData("?name=default", "default")]
    [InlineData("?search=ASK", "asking")]
    [InlineData("?search=ASK,%20ing", "asking")]
    [InlineData("?search=ask%20fault", "")]
    [InlineData("?ordering=-name", "default,asking")]
    [InlineData("?ordering=network_binding,-name", "default,asking")]
    [InlineData("?remember_me_offset=seconds=0", "default")]
    [InlineData("?terminate_other_sessions=true", "")]
    [InlineData("?terminate_other_sessions=False&network_binding=no_binding&geoip_binding=no_binding&remember_device=days%3D30", "asking,default")]
    [InlineData("?page_size=1&page=2", "default")]
    public async Task Stages_are_filtered_and_ordered(string query, string names)
    {
        var answer = (await _host.Send("GET", Stages + query)).MustBe(200);
        Assert.Equal(names, string.Join(',', answer.Json["results"]!.AsArray().Select(row => (string?)row!["name"])));
    }

    [Theory]
    [InlineData("ordering=colour")]
    [InlineData("ordering=name,colour")]
    [InlineData("network_binding=x")]
    [InlineData("geoip_binding=x")]
    [InlineData("stage_uuid=x")]
    [InlineData("terminate_other_sessions=x")]
    public async Task A_faulty_filter_of_stages_is_a_400(string query) =>
        (await _host.Send("GET", $"{Stages}?{query}")).MustBe(400, "invalid-request");

    [Fact]
    public async Task Keys_are_taken_without_hyphens_as_events_write_them()
    {
        var stage = (await _host.Grains.Catalog.Find("default"))!.Pk;
        var (session, entry) = (_host.Grains.Add("42"), Guid.NewGuid());
        _host.Grains.Events.All.Add(new EventInfo(entry, EventActions.Login, session.User, null, null, FakeGrains.Now, "{}"));

        Assert.Equal("default", (string?)(await _host.Send("GET", $"{Stages}{stage:N}/")).MustBe(200).Json["name"]);
        Assert.Equal(1, (int)(await _host.Send("GET", $"{Stages}?stage_uuid={stage:N}")).MustBe(200).Json["pagination"]!["count"]!);
        (await _host.Send("GET", $"{Events}{entry:N}/")).MustBe(200);
        (await _host.Send("GET", $"/api/v3/core/authenticated_sessions/{session.Id.Value:N}/")).MustBe(200);
        (await _host.Send("GET", $"/api/v3/core/authenticated_sessions/{session.Id.Value:B}/")).MustBe(404);
    }

    [Theory]
    [InlineData("action=LOG", "login,logout")]
    [InlineData("action=model_&actions=login&actions=model_updated", "model_updated")]
    [InlineData("action=login&actions=logout", "-")]
    [InlineData("action=user_write", "-")]
    public async Task Events_are_filtered_by_a_part_of_their_action(string query, string actions)
    {
        await _host.Send("GET", $"{Events}?{query}");

        Assert.Equal(actions, string.Join(',', _host.Grains.Events.Query!.Actions));
    }

    [Fact]
    public async Task A_stage_is_not_found_by_its_name_in_the_path() =>
        (await _host.Send("GET", Stages + "default/")).MustBe(404, "not-found");

    [Fact]
    public async Task An_event_has_authentiks_shape()
    {
        var entry = new EventInfo(
            Guid.NewGuid(), EventActions.Login, new UserFacts(new UserId("42"), "jane", "j@x", "Jane"), "1.2.3.4", new SessionId(Guid.NewGuid()),
            FakeGrains.Now, """{"auth_method":"password"}""");
        _host.Grains.Events.All.Add(entry);
        var row = (await _host.Send("GET", Events)).MustBe(200).Json["results"]![0]!;
        Assert.Equal(
            ["pk", "user", "action", "app", "context", "client_ip", "created", "expires", "brand"], row.AsObject().Select(member => member.Key));
        Assert.Equal("""{"pk":42,"email":"j@x","username":"jane"}""", row["user"]!.ToJsonString());
        Assert.Equal("password", (string?)row["context"]!["auth_method"]);
        Assert.Equal("2026-12-01T12:00:00.000000Z", (string?)row["expires"]);
        Assert.Equal(row.ToJsonString(), JsonNode.Parse((await _host.Send("GET", $"{Events}{entry.Pk}/")).MustBe(200).Text)!.ToJsonString());
        (await _host.Send("GET", $"{Events}{Guid.NewGuid()}/")).MustBe(404, "not-found");
    }

    [Fact]
    public async Task An_event_of_nobody_has_an_empty_user()
    {
        _host.Grains.Events.All.Add(new EventInfo(
            Guid.NewGuid(), EventActions.ModelCreated, new UserFacts(new UserId(""), "", "", ""), "1.2.3.4", null, FakeGrains.Now, "{}"));

        Assert.Equal("{}", (await _host.Send("GET", Events)).MustBe(200).Json["results"]![0]!["user"]!.ToJsonString());
    }

    [Fact]
    public async Task Filters_of_events_reach_the_query()
    {
        await _host.Send("GET", Events + "?actions=login&actions=logout&username=jane&client_ip=::ffff:1.2.3.4&search=s&ordering=created&page_size=5");
        var query = _host.Grains.Events.Query!;
        Assert.Equal(["login", "logout"], query.Actions.AsEnumerable());
        Assert.Equal(("jane", "1.2.3.4", "s", false, 5), (query.Username, query.ClientIp, query.Search, query.Descending, query.Limit));
        await _host.Send("GET", Events + "?action=login");
        Assert.Equal("login", Assert.Single(_host.Grains.Events.Query!.Actions));
        Assert.True(_host.Grains.Events.Query!.Descending);
    }

    [Theory]
    [InlineData("brand_name")]
    [InlineData("context_authorized_app")]
    [InlineData("context_device")]
    [InlineData("context_model_app")]
    [InlineData("context_model_name")]
    [InlineData("context_model_pk")]
    [InlineData("ordering")]
    public async Task A_filter_that_means_nothing_here_is_a_400(string name)
    {
        var answer = (await _host.Send("GET", $"{Events}?{name}=x")).MustBe(400, "invalid-request");
        Assert.NotNull(answer.Json[name]);
    }
}
