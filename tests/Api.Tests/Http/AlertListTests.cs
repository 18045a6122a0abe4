using System.Text.Json.Nodes;
using SessionCluster.Alerts;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

/// <summary>How what alerts are made of is listed.</summary>
public sealed class AlertListTests : IAsyncLifetime
{
    private static readonly AlertTransport Hook = new(
        Guid.NewGuid(), "hook", TransportMode.Webhook, "https://hooks.example.test/in", null, null, "", AlertNames.EventTemplate, true);

    private static readonly AlertTransport Own = Hook with { Pk = Guid.NewGuid(), Name = "own", Mode = TransportMode.Local, WebhookUrl = "", SendOnce = false };

    private static readonly AlertRule Rule = new(new Guid("10000000-0de0-4a57-8001-de7a0175ea6e"), "night watch", [Hook.Pk], AlertSeverity.Alert, false, [], true);

    private static readonly AlertRule Off = Rule with { Pk = new Guid("20000000-0de0-4a57-8001-de7a0175ea6e"), Name = "day watch", Transports = [Own.Pk], Severity = AlertSeverity.Notice, Enabled = false };

    private static readonly AlertMatcher Logins = new(Guid.NewGuid(), "unknown device", false, "login", null, null, null, null);

    private static readonly AlertMatcher Changes = Logins with { Pk = Guid.NewGuid(), Name = "a stage", Action = "model_updated", ExecutionLogging = true };

    private ApiHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.Start();
        _host.Grains.Alerts = new AlertItems(
            1, [Hook, Own], [Off, Rule], [Changes, Logins],
            [Bind(Rule, Changes, -1), Bind(Rule, Logins, 0) with { Enabled = false }, Bind(Off, Logins, 1)]);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("ordering=order", "0,1,2,10")]
    [InlineData("ordering=-order", "10,2,1,0")]
    [InlineData("ordering=timeout", "10,2,1,0")]
    [InlineData("ordering=-timeout", "0,1,2,10")]
    [InlineData("ordering=order&enabled=true", "0,2,10")]
    [InlineData("order=10", "10")]
    [InlineData("timeout=91", "1")]
    public async Task Bindings_are_ordered_by_numbers_as_numbers_and_filtered_by_their_value(string query, string orders)
    {
        int[] stored = [10, 0, 2, 1];
        _host.Grains.Alerts = new AlertItems(
            1, [], [], [], [.. stored.Select(order => new AlertBinding(Guid.NewGuid(), Guid.Empty, Guid.Empty, false, order != 1, order, 100 - (9 * order), false))]);

        var answer = (await _host.Send("GET", "/api/v3/policies/bindings/?" + query)).MustBe(200);

        Assert.Equal(orders, string.Join(',', answer.Json["results"]!.AsArray().Select(row => (int)row!["order"]!)));
    }

    [Theory]
    [InlineData("events/transports/?send_once=1", "hook")]
    [InlineData("events/transports/?send_once=False", "own")]
    [InlineData("events/transports/?mode=local", "own")]
    [InlineData("events/transports/?search=hooks.example", "hook")]
    [InlineData("events/transports/?search=LOCAL", "own")]
    [InlineData("events/transports/?search=true", "")]
    [InlineData("events/rules/?enabled=0", "day watch")]
    [InlineData("events/rules/?severity=alert", "night watch")]
    [InlineData("events/rules/?search=alert", "")]
    [InlineData("events/rules/?search=watch,%20night", "night watch")]
    [InlineData("events/rules/?search=%20,", "")]
    [InlineData("events/rules/?ordering=destination_group,-name", "night watch,day watch")]
    [InlineData("events/rules/?ordering=-enabled,name", "night watch,day watch")]
    [InlineData("policies/event_matcher/?search=login", "")]
    [InlineData("policies/event_matcher/?search=device%20unknown", "unknown device")]
    [InlineData("policies/event_matcher/?execution_logging=TRUE", "a stage")]
    public async Task What_alerts_are_made_of_is_filtered_searched_and_ordered(string query, string names) =>
        Assert.Equal(names, await Listed(query, row => (string)row["name"]!));

    [Theory]
    [InlineData("order=-1", "-1")]
    [InlineData("enabled=0", "0")]
    [InlineData("search=UNKNOWN", "0,1")]
    [InlineData("search=night", "")]
    [InlineData("ordering=target,-order", "0,-1,1")]
    [InlineData("ordering=-target,order", "1,-1,0")]
    [InlineData("policy=changes", "-1")]
    [InlineData("target=off", "1")]
    [InlineData("target_in=off&target_in=unknown", "1")]
    [InlineData("target_in=off&target_in=rule", "-1,0,1")]
    [InlineData("policy__isnull=true", "")]
    [InlineData("policy__isnull=false", "-1,0,1")]
    public async Task Bindings_are_filtered_searched_and_ordered(string query, string orders)
    {
        query = query.Replace("=off", $"={Off.Pk:N}", StringComparison.Ordinal).Replace("=rule", $"={Rule.Pk}", StringComparison.Ordinal)
            .Replace("=unknown", $"={Guid.NewGuid()}", StringComparison.Ordinal).Replace("=changes", $"={Changes.Pk:N}", StringComparison.Ordinal);

        Assert.Equal(orders, await Listed("policies/bindings/?" + query, row => $"{row["order"]}"));
    }

    [Theory]
    [InlineData("events/transports/", "mode=slack")]
    [InlineData("events/transports/", "send_once=maybe")]
    [InlineData("events/rules/", "severity=foo")]
    [InlineData("events/rules/", "destination_group__name=x")]
    [InlineData("events/rules/", "ordering=name,colour")]
    [InlineData("policies/event_matcher/", "created=2026-11-24")]
    [InlineData("policies/event_matcher/", "last_updated=2026-11-24")]
    [InlineData("policies/event_matcher/", "policy_uuid=x")]
    [InlineData("policies/bindings/", "order=abc")]
    [InlineData("policies/bindings/", "policy=x")]
    [InlineData("policies/bindings/", "target_in=x")]
    [InlineData("policies/bindings/", "policy__isnull=x")]
    public async Task A_filter_that_is_faulty_or_means_nothing_here_is_a_400(string path, string query)
    {
        var answer = (await _host.Send("GET", $"/api/v3/{path}?{query}")).MustBe(400, "invalid-request");

        Assert.NotNull(answer.Json["errors"]![query.Split('=')[0]]);
    }

    [Fact]
    public async Task Items_are_found_and_named_by_keys_without_hyphens()
    {
        Assert.Equal("hook", (string?)(await _host.Send("GET", $"/api/v3/events/transports/{Hook.Pk:N}/")).MustBe(200).Json["name"]);
        var rule = (await _host.Send("POST", "/api/v3/events/rules/", new { name = "new", transports = new[] { $"{Hook.Pk:N}" } })).MustBe(201).Json;
        Assert.Equal($"{Hook.Pk}", (string?)rule["transports"]![0]);
    }

    [Theory]
    [InlineData(int.MinValue, 201)]
    [InlineData(int.MinValue - 1L, 400)]
    [InlineData(int.MaxValue + 1L, 400)]
    public async Task A_binding_has_an_order_of_32_bits(long order, int status)
    {
        (await _host.Send("POST", "/api/v3/policies/bindings/", new { target = Off.Pk, policy = Logins.Pk, order })).MustBe(status);
        (await _host.Send("POST", "/api/v3/policies/bindings/", new { target = Off.Pk, policy = Logins.Pk, order = 0, timeout = -1 })).MustBe(400);
    }

    [Theory]
    [InlineData("event=first", "first happened")]
    [InlineData("event=other", "")]
    [InlineData("body=second%20happened", "second happened")]
    [InlineData("body=happened", "")]
    [InlineData("user=42", "second happened,first happened")]
    [InlineData("user=43", "")]
    [InlineData("search=happened,FIRST", "first happened")]
    public async Task Notifications_are_filtered_and_searched(string query, string bodies)
    {
        var (own, entry) = (_host.Grains.Notifications.GetOrAdd(INotificationGrain.KeyFor(new UserId("42")), _ => new FakeNotifications()), Guid.NewGuid());
        own.New("first happened", entry);
        own.New("second happened");
        query = query.Replace("=first", $"={entry:N}", StringComparison.Ordinal).Replace("=other", $"={Guid.NewGuid()}", StringComparison.Ordinal);

        Assert.Equal(bodies, await Listed("events/notifications/?" + query, row => (string)row["body"]!, Mine));
    }

    [Theory]
    [InlineData("created")]
    [InlineData("event")]
    public async Task A_filter_of_notifications_that_is_faulty_or_means_nothing_here_is_a_400(string name) =>
        Assert.NotNull((await _host.Send("GET", $"/api/v3/events/notifications/?{name}=x", null, Mine)).MustBe(400, "invalid-request").Json["errors"]![name]);

    private (string, string) Mine => ("Authorization", _host.SchemeOf(_host.Grains.Add("42")));

    private static AlertBinding Bind(AlertRule rule, AlertMatcher matcher, int order) => new(Guid.NewGuid(), rule.Pk, matcher.Pk, false, true, order, 30, false);

    private async Task<string> Listed(string query, Func<JsonNode, string> name, params (string, string)[] headers) =>
        string.Join(',', (await _host.Send("GET", "/api/v3/" + query, null, headers)).MustBe(200).Json["results"]!.AsArray().Select(row => name(row!)));
}
