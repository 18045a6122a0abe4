using SessionCluster.Sessions;

namespace SessionCluster.Grains.Tests.Events;

public sealed class EventIdTests
{
    [Fact]
    public void An_event_of_a_later_millisecond_has_the_greater_id_and_those_of_one_differ()
    {
        var (ids, moment) = (new RandomIdSource(), new DateTimeOffset(2026, 11, 22, 5, 0, 0, TimeSpan.Zero));

        var later = Enumerable.Range(0, 1000).Select(milliseconds => ids.NewEventId(moment.AddMilliseconds(milliseconds)).ToString()).ToList();
        var alike = Enumerable.Range(0, 1000).Select(_ => ids.NewEventId(moment)).ToList();

        Assert.Equal(later.Order(StringComparer.Ordinal), later);
        Assert.Equal(1000, alike.Distinct().Count());
    }
}
