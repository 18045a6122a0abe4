using SessionCluster.LoginStage;

namespace SessionCluster.Flows.Tests;

public sealed class PlanStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly PlanV1 Row = new() { Created = Start, Expires = Start + IPlanGrain.Lifetime };

    [Theory]
    [InlineData(0, true)]
    [InlineData((15 * 60) - 0.000001, true)]
    [InlineData(15 * 60, false)]
    [InlineData((15 * 60) + 0.000001, false)]
    public void A_plan_is_open_for_fifteen_minutes(double seconds, bool open) =>
        Assert.Equal(open, Row.IsOpen(Start.AddMicroseconds(seconds * 1_000_000)));

    [Theory]
    [InlineData(0, true)]
    [InlineData(60 - 0.000001, true)]
    [InlineData(60, false)]
    [InlineData(60 + 0.000001, false)]
    public void A_code_is_good_for_a_minute(double seconds, bool good) =>
        Assert.Equal(good, Row.CodeIsGood(Start.AddMicroseconds(seconds * 1_000_000)));

    [Fact]
    public void A_used_plan_is_not_open_and_a_redeemed_code_not_good()
    {
        Assert.False((Row with { Used = true }).IsOpen(Start));
        Assert.False((Row with { Used = true }).CodeIsGood(Start));
        Assert.False((Row with { CodeRedeemed = true }).CodeIsGood(Start));
        Assert.True((Row with { CodeRedeemed = true }).IsOpen(Start));
    }
}
