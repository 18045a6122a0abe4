using SessionCluster.Alerts;
using SessionCluster.Events;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Alerts;

public sealed class AlertMatchingTests
{
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
}
