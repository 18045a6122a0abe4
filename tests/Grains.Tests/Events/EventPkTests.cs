using SessionCluster.Events;
using SessionCluster.Sessions;

namespace SessionCluster.Grains.Tests.Events;

public sealed class EventPkTests
{
    private static readonly DateTimeOffset Moment = new(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);

    private static readonly Guid Random = new("f81d4fae-7dec-41d0-a765-00a0c91e6bf6");

    [Fact]
    public void A_key_is_a_uuid_of_version_7_with_the_moment_and_the_random_bits() =>
        Assert.Equal(Expected(Moment), EventPk.At(Random, Moment).ToString());

    [Theory]
    [InlineData(0)]
    [InlineData(253_402_300_799_999)]
    public void The_first_and_the_last_moment_have_keys(long milliseconds)
    {
        var moment = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

        Assert.Equal(Expected(moment), EventPk.At(Random, moment).ToString());
    }

    [Fact]
    public void A_later_millisecond_has_the_greater_key_and_ids_in_one_differ()
    {
        var ids = new RandomIdSource();
        var keys = Enumerable.Range(0, 1000).Select(later => EventPk.At(ids.NewId(), Moment.AddMilliseconds(later)).ToString()).ToList();
        var alike = Enumerable.Range(0, 1000).Select(_ => EventPk.At(ids.NewId(), Moment)).ToList();

        Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
        Assert.Equal(1000, alike.Distinct().Count());
    }

    private static string Expected(DateTimeOffset moment)
    {
        var hex = moment.ToUnixTimeMilliseconds().ToString("x12", System.Globalization.CultureInfo.InvariantCulture);
        return $"{hex[..8]}-{hex[8..]}-71d0-a765-00a0c91e6bf6";
    }
}
