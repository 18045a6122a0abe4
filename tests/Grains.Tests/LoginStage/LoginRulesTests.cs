using SessionCluster.LoginStage;
using static SessionCluster.Grains.Tests.Users.LedgerBench;

namespace SessionCluster.Grains.Tests.LoginStage;

public sealed class LoginRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("hours=1", "seconds=0", null, 3600, false)]
    [InlineData("hours=1", "seconds=0", true, 3600, false)]
    [InlineData("hours=1", "days=1", false, 3600, false)]
    [InlineData("hours=1", "days=1", true, 90000, false)]
    [InlineData("seconds=0", "days=1", true, 86400, false)]
    [InlineData("seconds=0", "days=1", false, 7200, true)]
    [InlineData("seconds=0", "seconds=0", null, 7200, true)]
    public void The_lifetime_is_the_duration_plus_the_offset_after_a_yes_and_the_browsers_when_that_is_zero(
        string duration, string offset, bool? remember, int seconds, bool endsWithBrowser)
    {
        var lifetime = LoginRules.Lifetime(Stage(duration, offset), remember, TimeSpan.FromHours(2), Now);
        Assert.Equal((Now.AddSeconds(seconds), endsWithBrowser), lifetime);
    }

    [Theory]
    [InlineData("days=999999999", "seconds=0")]
    [InlineData("days=2000000", "days=2000000")]
    public void An_expiry_beyond_the_calendar_is_the_last_day_of_9999(string duration, string offset)
    {
        Assert.Equal((LoginRules.Latest, false), LoginRules.Lifetime(Stage(duration, offset), true, TimeSpan.FromDays(1), Now));
    }
}
