using SessionCluster.Sessions;

namespace SessionCluster.Grains.Tests.Sessions;

public sealed class SessionClockTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-1, null)]
    [InlineData(0, EndReason.Expired)]
    [InlineData(1, EndReason.Expired)]
    public void A_session_is_valid_while_now_is_before_its_end(long micros, EndReason? over)
    {
        var session = new SessionV1 { Expires = Now };
        Assert.Equal(over, SessionClock.Over(session, Now.AddMicroseconds(micros)));
    }

    [Theory]
    [InlineData(-1, null)]
    [InlineData(0, EndReason.Idle)]
    [InlineData(1, EndReason.Idle)]
    public void A_session_is_idle_once_it_was_not_used_for_its_timeout(long micros, EndReason? over)
    {
        var session = new SessionV1 { Expires = Now.AddDays(1), IdleMicros = 60_000_000, LastUsed = Now.AddSeconds(-60) };
        Assert.Equal(over, SessionClock.Over(session, Now.AddMicroseconds(micros)));
    }

    [Theory]
    [InlineData(0, 60)]
    [InlineData(300, 30)]
    [InlineData(3600, 60)]
    [InlineData(5, 0.5)]
    public void The_stored_last_use_is_a_minute_behind_at_most_or_a_tenth_of_the_idle_timeout(int idleSeconds, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), SessionClock.StoreAfter(new SessionV1 { IdleMicros = idleSeconds * 1_000_000L }));

    [Theory]
    [InlineData(0, 3600)]
    [InlineData(60, 60)]
    [InlineData(3600, 3600)]
    [InlineData(3601, 3600)]
    public void Unless_it_is_used_a_session_ends_at_the_earlier_of_its_two_ends(int idleSeconds, int seconds)
    {
        var session = new SessionV1 { Expires = Now.AddHours(1), LastUsed = Now, IdleMicros = idleSeconds * 1_000_000L };
        Assert.Equal(Now.AddSeconds(seconds), SessionClock.End(session));
        // Pages say it of what callers see.
        Assert.Equal(seconds < 3600 ? Now.AddSeconds(seconds) : null, session.ToInfo().IdleEnd);
    }

    [Theory]
    [InlineData(0, 0, 5)]
    [InlineData(1, 1, 4)]
    [InlineData(4.999, 4.999, 0.001)]
    [InlineData(5, 4.999, 0)]
    [InlineData(4.999, 5, 0)]
    [InlineData(2, 1, 3)]
    [InlineData(1, 2, 3)]
    [InlineData(-0.001, 1, 0)]
    public void What_is_left_of_a_lease_goes_by_the_clock_that_says_less(double wall, double monotonic, double rest)
    {
        var time = new TwoClocks();
        var lease = Moment.Now(time);
        time.Advance(TimeSpan.FromSeconds(monotonic));
        time.SetWallClock(TimeSpan.FromSeconds(wall) - TimeSpan.FromSeconds(monotonic));

        Assert.Equal(rest > 0 ? TimeSpan.FromSeconds(rest) : TimeSpan.Zero, TimeSpan.FromSeconds(5) - lease.Age(time) is { Ticks: > 0 } left ? left : TimeSpan.Zero);
    }

    [Fact]
    public void What_was_never_granted_is_over()
    {
        var time = new TwoClocks();
        Assert.True(default(Moment).Age(time) > TimeSpan.FromDays(365));
    }
}
