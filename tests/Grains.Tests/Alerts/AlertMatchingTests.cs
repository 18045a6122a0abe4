using SessionCluster.Alerts;
using SessionCluster.Events;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Alerts;

public sealed class AlertMatchingTests
{
    private static readonly AlertMatcher Anything = new(Guid.NewGuid(), "m", false, null, null, null, null, null);

    private static readonly AlertMatcher Never = Anything with { Pk = Guid.NewGuid(), ClientIp = "255.255.255.255" };

    private static readonly EventInfo Login = Entry(EventActions.Login, "{}");

    private static readonly EventInfo UserChange = Entry(EventActions.ModelUpdated, """{"model": {"app": "authentik_core", "model_name": "user"}}""");

    private static readonly EventInfo StageChange = Entry(EventActions.ModelUpdated, """{"model": {"app": "authentik_stages_user_login", "model_name": "userloginstage"}}""");

    /// <summary>What a matcher asks for, an event, and whether it is passed.</summary>
    public static TheoryData<string, object, object, bool> Asked => new()
    {
        { "nothing, a login", Anything, Login, true },
        { "nothing, a change", Anything, StageChange, true },
        { "the action", Anything with { Action = EventActions.Login }, Login, true },
        { "another action", Anything with { Action = EventActions.Logout }, Login, false },
        { "the network", Anything with { ClientIp = "192.0.2.0/24" }, Login, true },
        { "another network", Anything with { ClientIp = "192.0.3.0/24" }, Login, false },
        { "the address", Anything with { ClientIp = "192.0.2.7" }, Login, true },
        { "another address", Anything with { ClientIp = "192.0.2.70" }, Login, false },
        { "a network, of nowhere", Anything with { ClientIp = "0.0.0.0/0" }, Login with { ClientIp = null }, false },
        { "the app of all", Anything with { App = "sessioncluster" }, Login, true },
        { "the app of stages", Anything with { App = "authentik.stages.user_login" }, StageChange, true },
        { "the app of stages, a login", Anything with { App = "authentik.stages.user_login" }, Login, false },
        { "the app of stages, a user", Anything with { App = "authentik.stages.user_login" }, UserChange, false },
        { "the model of users", Anything with { Model = "authentik_core.user" }, UserChange, true },
        { "the model of users, a stage", Anything with { Model = "authentik_core.user" }, StageChange, false },
        { "the model of users, a login", Anything with { Model = "authentik_core.user" }, Login, false },
        { "the query", Anything with { Query = "user.pk = \"42\"" }, Login, true },
        { "another query", Anything with { Query = "user.pk = \"43\"" }, Login, false },
        { "the action and another network", Anything with { Action = EventActions.Login, ClientIp = "192.0.3.0/24" }, Login, false },
        { "the network and another action", Anything with { Action = EventActions.Logout, ClientIp = "192.0.2.0/24" }, Login, false },
    };

    [Theory]
    [MemberData(nameof(Asked))]
    public void A_matcher_passes_the_events_that_fit_all_that_it_asks_for_and_a_negated_binding_the_others(string asked, object matcher, object entry, bool isPassed)
    {
        Assert.True(isPassed == Delivers((EventInfo)entry, (AlertMatcher)matcher), asked);
        Assert.True(isPassed != Delivers((EventInfo)entry, (AlertMatcher)matcher, binding => binding with { Negate = true }), $"not {asked}");
        Assert.False(Delivers((EventInfo)entry, (AlertMatcher)matcher, binding => binding with { Enabled = false }), $"{asked}, switched off");
    }

    [Fact]
    public void A_rule_without_bindings_or_with_those_of_another_rule_delivers_nothing()
    {
        Assert.False(Delivers(Login, Anything, _ => null, isAlone: true));
        Assert.False(Delivers(Login, Anything, binding => binding with { Rule = Guid.NewGuid() }));
        Assert.False(Delivers(Login, Anything, binding => binding with { Rule = Guid.NewGuid() }, isAlone: true));
    }

    [Theory]
    [InlineData("jane@example.test", true, "jane@example.test")]
    [InlineData("", true, "ops@example.test")]
    [InlineData("jane@example.test", false, "jane@example.test,ops@example.test,two@example.test")]
    [InlineData("two@example.test", false, "two@example.test,ops@example.test")]
    // The last one fails, visibly.
    [InlineData("", false, "ops@example.test,two@example.test,")]
    public void A_user_without_an_address_takes_no_others_place(string email, bool sendOnce, string expected)
    {
        var transport = new AlertTransport(Guid.NewGuid(), "mail", TransportMode.Email, "", null, null, "", AlertNames.EventTemplate, sendOnce);
        var rule = new AlertRule(Guid.NewGuid(), "rule", [transport.Pk], AlertSeverity.Notice, true, ["ops@example.test", "two@example.test"], true);
        var entry = new EventInfo(Guid.NewGuid(), EventActions.Login, new UserFacts(new UserId("42"), "jane", email, ""), null, null, DateTimeOffset.UnixEpoch, "{}");

        Assert.Equal(expected.Split(','), AlertMatching.Destinations(transport, rule, entry));
    }

    [Theory]
    [InlineData("10.1.0.0/16", true)]
    [InlineData("::ffff:10.1.0.0/112", true)]
    [InlineData("::ffff:10.2.0.0/112", false)]
    public void A_network_of_mapped_addresses_is_that_of_the_plain_ones(string network, bool fits)
    {
        var transport = new AlertTransport(Guid.NewGuid(), "mail", TransportMode.Email, "", null, null, "", AlertNames.EventTemplate, false);
        var rule = new AlertRule(Guid.NewGuid(), "rule", [transport.Pk], AlertSeverity.Notice, false, ["ops@example.test"], true);
        var matcher = new AlertMatcher(Guid.NewGuid(), "from", false, null, network, null, null, null);
        var binding = new AlertBinding(Guid.NewGuid(), rule.Pk, matcher.Pk, false, true, 0, 30, false);
        var entry = new EventInfo(Guid.NewGuid(), EventActions.Login, new UserFacts(new UserId("42"), "jane", "", ""), "10.1.2.3", null, DateTimeOffset.UnixEpoch, "{}");

        Assert.Equal(fits, new AlertMatching(new AlertItems(0, [transport], [rule], [matcher], [binding]), transport.Pk).DestinationsOf(entry).Any());
    }

    [Fact]
    public void An_event_of_nobody_is_mailed_to_the_named_addresses_alone()
    {
        var transport = new AlertTransport(Guid.NewGuid(), "mail", TransportMode.Email, "", null, null, "", AlertNames.EventTemplate, false);
        var rule = new AlertRule(Guid.NewGuid(), "rule", [transport.Pk], AlertSeverity.Notice, true, ["ops@example.test"], true);
        var entry = new EventInfo(Guid.NewGuid(), EventActions.Login, new UserFacts(new UserId(""), "", "", ""), null, null, DateTimeOffset.UnixEpoch, "{}");

        Assert.Equal(["ops@example.test"], AlertMatching.Destinations(transport, rule, entry));
    }

    private static EventInfo Entry(string action, string context) =>
        new(Guid.NewGuid(), action, new UserFacts(new UserId("42"), "jane", "jane@example.test", ""), "192.0.2.7", null, DateTimeOffset.UnixEpoch, context);

    /// <summary>Whether an event reaches a webhook by a rule with a matcher that is bound to it, in a way that a test may change, alone or beside one that passes nothing.</summary>
    private static bool Delivers(EventInfo entry, AlertMatcher matcher, Func<AlertBinding, AlertBinding?>? change = null, bool isAlone = false)
    {
        var transport = new AlertTransport(Guid.NewGuid(), "hook", TransportMode.Webhook, "https://example.test", null, null, "", AlertNames.EventTemplate, false);
        var rule = new AlertRule(Guid.NewGuid(), "rule", [transport.Pk], AlertSeverity.Notice, false, [], true);
        var usual = new AlertBinding(Guid.NewGuid(), rule.Pk, matcher.Pk, false, true, 0, 30, false);
        AlertBinding?[] bindings = [change is null ? usual : change(usual), isAlone ? null : usual with { Matcher = Never.Pk }];
        var items = new AlertItems(1, [transport], [rule], [matcher, Never], [.. bindings.OfType<AlertBinding>()]);
        return new AlertMatching(items, transport.Pk).DestinationsOf(entry).Any();
    }
}
