using SessionCluster.Alerts;

namespace SessionCluster.Grains.Tests.Alerts;

public sealed class DeliveryWorkTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly AlertSending Refused = new(AlertOutcome.Refused, "500");

    private static readonly AlertSending Unreachable = new(AlertOutcome.Unreachable, "nobody");

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(12, 2048)]
    [InlineData(13, 3600)]
    [InlineData(1000, 3600)]
    public void The_pause_doubles_from_a_second_to_an_hour(int attempts, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), DeliveryWork.PauseAfter(attempts));

    [Fact]
    public void One_that_is_refused_holds_back_its_users_later_ones_alone()
    {
        var work = new DeliveryWork(new AlertDeliveryV1(), Now);
        var (first, second, other) = (Delivery("jane"), Delivery("jane"), Delivery("joe"));
        work.Add(first);
        work.Add(other);
        work.Add(second);
        var due = work.Due().ToList();

        Assert.False(work.Settle(due[0], Refused, Now));
        Assert.True(work.Settle(due[1], new AlertSending(AlertOutcome.Delivered), Now));

        var row = work.ToRow(new AlertDeliveryV1(), "7", Now);
        Assert.Equal([first.Notification, second.Notification], row.Waiting.Select(delivery => delivery.Notification));
        Assert.Equal((1, "500", Now.AddSeconds(1), Now), (row.Waiting[0].Attempts, row.Waiting[0].Error, row.Waiting[0].Next, row.Waiting[0].First));
        Assert.Null(row.PausedUntil);
        Assert.Empty(new DeliveryWork(row, Now.AddSeconds(1).AddTicks(-1)).Due());
        Assert.Equal(2, Assert.Single(new DeliveryWork(row, Now.AddSeconds(1)).Due()).Count);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void It_is_tried_for_a_day_from_its_first_attempt_and_then_kept_as_failed(int ticks, bool waits)
    {
        var old = Delivery("jane") with { Attempts = 30, First = Now, Next = Now };
        var at = Now + TimeSpan.FromHours(24) + TimeSpan.FromTicks(ticks);
        var work = new DeliveryWork(new AlertDeliveryV1 { Waiting = [old] }, at);

        work.Settle(work.Due().Single(), Refused, at);

        var row = work.ToRow(new AlertDeliveryV1(), null, at);
        Assert.Equal((waits ? 1 : 0, waits ? 0 : 1), (row.Waiting.Length, row.Failed.Length));
    }

    [Fact]
    public void Those_behind_one_that_was_refused_for_a_day_grow_older_with_it_but_not_while_the_receiver_is_away()
    {
        var row = new AlertDeliveryV1 { Waiting = [Delivery("jane") with { Planned = Now }, Delivery("jane") with { Planned = Now }] };
        var at = Now;
        var away = new DeliveryWork(row with { Failures = 20 }, at);
        away.Settle(away.Due().Single(), Unreachable, at);
        row = away.ToRow(row, null, at);
        at += TimeSpan.FromHours(24) + TimeSpan.FromMinutes(59);

        var work = new DeliveryWork(row, at);
        // The first was tried more than a day ago, but no receiver was there to refuse it.
        Assert.False(work.Settle(work.Due().Single(), Refused, at));
        Assert.Equal((2, 0), (work.ToRow(row, null, at).Waiting.Length, work.GivenUp));

        row = work.ToRow(row, null, at);
        at += TimeSpan.FromMinutes(1);
        work = new DeliveryWork(row, at);
        var queue = work.Due().Single();
        Assert.True(work.Settle(queue, Refused, at));
        Assert.True(work.Settle(queue, Refused, at));
        Assert.Equal((0, 2), (work.ToRow(row, null, at).Waiting.Length, work.GivenUp));
    }

    [Fact]
    public void When_too_many_wait_who_has_most_behind_one_that_is_refused_loses_the_oldest()
    {
        var refused = Enumerable.Range(0, DeliveryWork.MaxWaiting - 25).Select(_ => Delivery("jane")).ToArray();
        var slow = Enumerable.Range(0, 30).Select(_ => Delivery("joe")).ToArray();
        var work = new DeliveryWork(new AlertDeliveryV1 { Waiting = [.. refused, .. slow] }, Now);
        work.MakeRoom(Now);
        Assert.Equal(0, work.GivenUp);
        work.Settle(work.Due().First(), Refused, Now);

        work.MakeRoom(Now);

        var row = work.ToRow(new AlertDeliveryV1(), null, Now);
        Assert.Equal(DeliveryWork.MaxWaiting - 1, row.Waiting.Length);
        Assert.Equal(refused.Take(6).Select(delivery => delivery.Notification), row.Failed.Select(delivery => delivery.Notification));
        Assert.StartsWith("Given up to make room", row.Failed[0].Error, StringComparison.Ordinal);
        // The pause goes on for the next: giving up makes no haste.
        Assert.Equal("joe", Assert.Single(new DeliveryWork(row, Now).Due()).Peek().User);
    }

    [Theory]
    [InlineData(3, 0, false)]
    [InlineData(3, 1, true)]
    [InlineData(0, 0, true)]
    public void A_pause_that_a_clock_set_back_has_made_longer_than_it_was_is_over(int attempts, int ticks, bool isDue)
    {
        var next = Now + DeliveryWork.PauseAfter(attempts) + TimeSpan.FromTicks(ticks);
        var work = new DeliveryWork(new AlertDeliveryV1 { Waiting = [Delivery("jane") with { Attempts = attempts, Next = next }] }, Now);

        Assert.Equal(isDue, work.Due().Any());
    }

    [Fact]
    public void Where_everybody_is_refused_all_wait()
    {
        var all = Enumerable.Range(0, DeliveryWork.MaxWaiting).Select(i => Delivery($"user-{i / DeliveryWork.MaxRefused}"));
        var work = new DeliveryWork(new AlertDeliveryV1 { Waiting = [.. all] }, Now);
        foreach (var queue in work.Due().ToList())
        {
            work.Settle(queue, Refused, Now);
        }

        work.MakeRoom(Now);

        Assert.Equal(0, work.GivenUp);
    }

    [Fact]
    public void A_receiver_that_cannot_be_reached_is_left_alone_for_longer_and_longer_and_what_waits_is_then_due()
    {
        var row = new AlertDeliveryV1 { Waiting = [Delivery("jane"), Delivery("joe")] };
        var at = Now;
        foreach (var seconds in new[] { 1, 2, 4 })
        {
            var work = new DeliveryWork(row, at);
            Assert.False(work.Settle(work.Due().First(), Unreachable, at));
            Assert.True(work.IsPaused);
            row = work.ToRow(row, null, at);
            Assert.Equal(at.AddSeconds(seconds), row.PausedUntil);
            at = row.PausedUntil!.Value;
        }

        var back = new DeliveryWork(row, at);
        Assert.Equal(2, back.Due().Count());
        back.Settle(back.Due().First(), new AlertSending(AlertOutcome.Delivered), at);
        Assert.Equal((0, null), (back.ToRow(row, null, at).Failures, back.ToRow(row, null, at).PausedUntil));
    }

    [Fact]
    public void One_that_found_the_receiver_away_goes_behind_the_others()
    {
        var (poison, later, other) = (Delivery("jane"), Delivery("jane"), Delivery("joe"));
        var row = new AlertDeliveryV1 { Waiting = [poison, later, other] };
        var work = new DeliveryWork(row, Now);

        work.Settle(work.Due().First(), Unreachable, Now);

        row = work.ToRow(row, null, Now);
        Assert.Equal([other.Notification, poison.Notification, later.Notification], row.Waiting.Select(delivery => delivery.Notification));
        Assert.Equal(other, new DeliveryWork(row, row.PausedUntil!.Value).Due().First().Peek());
    }

    [Fact]
    public void Several_that_find_the_receiver_away_at_once_count_as_one()
    {
        var work = new DeliveryWork(new AlertDeliveryV1 { Waiting = [Delivery("jane"), Delivery("joe")] }, Now);
        foreach (var queue in work.Due().ToList())
        {
            work.Settle(queue, Unreachable, Now);
        }

        Assert.Equal(1, work.Failures);
    }

    [Fact]
    public void The_impossible_fails_at_once_and_the_newest_failures_are_kept()
    {
        var before = new AlertDeliveryV1 { Failed = [.. Enumerable.Range(0, Deliveries.MaxFailed).Select(_ => Delivery("x"))] };
        var work = new DeliveryWork(before, Now);
        var impossible = Delivery("jane");
        work.Add(impossible);

        Assert.True(work.Settle(work.Due().Single(), new AlertSending(AlertOutcome.Impossible, "no address"), Now));

        var row = work.ToRow(before, null, Now);
        Assert.Equal(Deliveries.MaxFailed, row.Failed.Length);
        Assert.Equal((impossible.Notification, "no address"), (row.Failed[^1].Notification, row.Failed[^1].Error));
    }

    [Fact]
    public void The_id_of_a_notification_is_the_same_whenever_it_is_made_and_another_for_each_destination()
    {
        var (transport, rule, entry) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal(AlertNotification.IdOf(transport, rule, entry, "a"), AlertNotification.IdOf(transport, rule, entry, "a"));
        Assert.Equal(4, new[]
        {
            AlertNotification.IdOf(transport, rule, entry, "a"), AlertNotification.IdOf(transport, rule, entry, null),
            AlertNotification.IdOf(rule, transport, entry, "a"), AlertNotification.IdOf(transport, rule, rule, "a"),
        }.Distinct().Count());
    }

    private static Delivery Delivery(string user) => new(Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), user, null, 0, Now, Now, null);
}
