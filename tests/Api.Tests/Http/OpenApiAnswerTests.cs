using System.Text.Json.Nodes;
using SessionCluster.Alerts;
using SessionCluster.Bindings;
using SessionCluster.Devices;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

/// <summary>Real answers have the members that their schemas require, at any depth, no members that they lack, and null only where they say so.</summary>
public sealed class OpenApiAnswerTests : IAsyncLifetime
{
    private static readonly UserFacts Jane = new(new UserId("42"), "jane", "j@x", "Jane");

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Those_of_logins_and_checks()
    {
        var login = (await _host.Login()).MustBe(201).Json;
        MustFit(login, "LoginAnswer");
        var (token, client) = ((string)login["token"]!, new { ip = "1.2.3.4" });
        MustFit((await _host.Send("POST", "/api/v3/sessions/validate/", new { token, client })).MustBe(200).Json, "ActiveSession");
        MustFit((await _host.Send("POST", "/api/v3/sessions/validate/", new { token = "x", client })).MustBe(200).Json, "InactiveSession");
        MustFit((await _host.Send("GET", "/api/v3/sessions/current/", null, ("Authorization", $"Session {token}"))).MustBe(200).Json, "LiveSession");
        MustFit((await _host.Send("PUT", "/api/v3/sessions/data/", new { token, data = new { a = 1 } })).MustBe(200).Json, "Data");
        MustFit((await _host.Send("POST", "/api/v3/sessions/revoke/", new { token })).MustBe(200).Json, "Receipt");

        var broken = _host.Grains.Add("42");
        _host.Grains.Refused[broken.Id] = new ValidateResult(SessionStatus.BindingBroken, null, new BindingBreak("network.asn", "1", "2", "1.2.3.4", "5.6.7.8", null, null));
        var answer = (await _host.Send("POST", "/api/v3/sessions/validate/", new { token = _host.Tokens.Issue(broken.Id), client })).MustBe(200).Json;
        MustFit(answer, "InactiveSession");
        Assert.NotNull(answer["binding"]);
        MustFit((await _host.Send("GET", "/health/live")).MustBe(200).Json, "Status");
    }

    [Fact]
    public async Task Those_of_flows()
    {
        const string Executor = "/api/v3/flows/executor/some-flow/";
        var (asking, plain) = (await Plan("asking"), await Plan("default"));

        MustFit((await _host.Send("POST", Executor, "{}", ("X-Flow-Plan", asking))).MustBe(200).Json, "UserLoginChallenge");
        MustFit((await _host.Send("GET", Executor, null, ("X-Flow-Plan", plain))).MustBe(200).Json, "RedirectChallenge");
        MustFit((await _host.Send("GET", Executor)).MustBe(200).Json, "AccessDeniedChallenge");

        async Task<string> Plan(string stage)
        {
            var body = ApiHost.LoginBody(stage);
            body["flow_slug"] = "some-flow";
            var plan = (await _host.Send("POST", "/api/v3/flows/plans/", body)).MustBe(201).Json;
            MustFit(plan, "Plan");
            return (string)plan["plan"]!;
        }
    }

    [Fact]
    public async Task Those_of_sessions_and_users()
    {
        _host.Grains.Devices = [new DeviceInfo(new DeviceId(Guid.NewGuid()), FakeGrains.Now, FakeGrains.Now, FakeGrains.Now, "1.2.3.4", "curl/8.0")];
        var session = _host.Grains.Add("42", data: "1");
        _host.Grains.Sessions[session.Id] = session with { Asn = new(64500, null, null), Geo = new(null, null, "", null, null) };

        await Fit("SessionPage", "/api/v3/core/authenticated_sessions/");
        await Fit("Session", $"/api/v3/core/authenticated_sessions/{session.Id}/");
        await Fit("UserState", "/api/v3/users/42/");
        await Fit("DevicePage", "/api/v3/users/42/devices/");
        MustFit((await _host.Send("POST", "/api/v3/users/42/deactivate/")).MustBe(200).Json, "Receipt");
        MustFit((await _host.Send("DELETE", "/api/v3/core/authenticated_sessions/bulk_delete/?user_pks=42")).MustBe(200).Json, "Deleted");
    }

    [Fact]
    public async Task Those_of_stages_events_and_notifications()
    {
        var entry = new EventInfo(Guid.NewGuid(), EventActions.Login, Jane, "1.2.3.4", null, FakeGrains.Now, "{}");
        _host.Grains.Events.All.AddRange([entry, entry with { Pk = Guid.NewGuid(), ClientIp = null, User = UserFacts.Nobody }]);
        var mine = ("Authorization", _host.SchemeOf(_host.Grains.Add("42")));
        var notifications = _host.Grains.Notifications.GetOrAdd(INotificationGrain.KeyFor(Jane.Id), _ => new FakeNotifications());
        var pk = notifications.New("Hello.", entry.Pk);
        notifications.New("Its event is gone.");

        await Fit("StagePage", "/api/v3/stages/user_login/");
        await Fit("EventPage", "/api/v3/events/events/");
        await Fit("Event", $"/api/v3/events/events/{entry.Pk}/");
        Assert.Equal(2, (await Fit("NotificationPage", "/api/v3/events/notifications/", mine))["results"]!.AsArray().Count);
        await Fit("Notification", $"/api/v3/events/notifications/{pk}/", mine);
    }

    [Fact]
    public async Task Those_of_alerts()
    {
        var transport = new AlertTransport(Guid.NewGuid(), "t", TransportMode.Local, "", null, null, "", AlertNames.EventTemplate, false);
        var rule = new AlertRule(Guid.NewGuid(), "r", [transport.Pk], AlertSeverity.Notice, true, ["ops@example.test"], true);
        var matcher = new AlertMatcher(Guid.NewGuid(), "m", false, null, null, null, null, null);
        var binding = new AlertBinding(Guid.NewGuid(), rule.Pk, matcher.Pk, false, true, 0, 30, false);
        _host.Grains.Alerts = new AlertItems(1, [transport], [rule], [matcher], [binding]);
        var delivery = new Delivery(Guid.NewGuid(), Guid.NewGuid(), rule.Pk, "42", null, 1, FakeGrains.Now, FakeGrains.Now, null);
        _host.Grains.Deliveries = new Deliveries([delivery], [delivery]);

        foreach (var (schema, path, pk) in ((string, string, Guid)[])
            [
                ("AlertTransport", "events/transports", transport.Pk), ("AlertRule", "events/rules", rule.Pk),
                ("AlertMatcher", "policies/event_matcher", matcher.Pk), ("AlertBinding", "policies/bindings", binding.Pk),
            ])
        {
            await Fit($"{schema}Page", $"/api/v3/{path}/");
            await Fit(schema, $"/api/v3/{path}/{pk}/");
            var uses = await Fit("Uses", $"/api/v3/{path}/{pk}/used_by/");
            Assert.Equal(schema == "AlertBinding" ? 0 : 1, uses.AsArray().Count);
        }

        var own = $"/api/v3/events/transports/{transport.Pk}/";
        Assert.Equal(2, (await Fit("AlertDeliveryPage", own + "deliveries/"))["results"]!.AsArray().Count);
        MustFit((await _host.Send("POST", own + "test/")).MustBe(200).Json, "AlertTest");
        MustFit((await _host.Send("POST", own + "deliveries/retry/")).MustBe(200).Json, "AlertRetried");
        MustFit((await _host.Send("POST", "/api/v3/bindings/explain/", new { from = "1.2.3.4", to = "5.6.7.8" })).MustBe(200).Json, "BindingExplanation");
    }

    private static void MustFit(JsonNode answer, string schema) => MustFit(answer, OpenApiTests.Document["components"]!["schemas"]![schema]!, schema);

    private static void MustFit(JsonNode? answer, JsonNode given, string path)
    {
        var shape = OpenApiTests.Target(given);
        if (answer is null)
        {
            Assert.True((shape["type"] is null && shape["oneOf"] is null) || MayBeNull(shape), $"{path} is null.");
            return;
        }

        // Of several choices one at most has members: the others are null, a number or a text.
        shape = shape["oneOf"]?.AsArray().Select(choice => OpenApiTests.Target(choice!)).FirstOrDefault(choice => choice["properties"] is not null) ?? shape;
        if (answer is JsonObject members && shape["properties"] is JsonObject known)
        {
            Assert.Empty((shape["required"]?.AsArray() ?? []).Select(name => $"{path}.{name}").Except(members.Select(member => $"{path}.{member.Key}")));
            Assert.Empty(members.Select(member => $"{path}.{member.Key}").Except(known.Select(property => $"{path}.{property.Key}")));
            Assert.All(members, member => MustFit(member.Value, known[member.Key]!, $"{path}.{member.Key}"));
        }
        else if (answer is JsonArray items && shape["items"] is { } item)
        {
            Assert.All(items, value => MustFit(value, item, $"{path}[]"));
        }
    }

    private static bool MayBeNull(JsonNode shape) => shape["type"] is JsonArray types
        ? types.Any(type => (string?)type == "null")
        : (string?)shape["type"] == "null" || (shape["oneOf"]?.AsArray().Any(choice => MayBeNull(OpenApiTests.Target(choice!))) ?? false);

    private async Task<JsonNode> Fit(string schema, string path, params (string, string)[] headers)
    {
        var answer = (await _host.Send("GET", path, null, headers)).MustBe(200).Json;
        MustFit(answer, schema);
        return answer;
    }
}
