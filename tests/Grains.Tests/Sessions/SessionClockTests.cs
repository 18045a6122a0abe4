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
    [InlineData(0, false, 60)]
    [InlineData(0, true, 1)]
    [InlineData(300, false, 30)]
    [InlineData(3600, false, 60)]
    [InlineData(5, true, 0.5)]
    public void A_use_is_stored_within_a_minute_or_a_tenth_of_the_idle_timeout(int idleSeconds, bool moved, double seconds)
    {
        var session = new SessionV1 { IdleMicros = idleSeconds * 1_000_000L };
        Assert.Equal(TimeSpan.FromSeconds(seconds), SessionClock.FlushAfter(session, moved));
    }

    [Theory]
    [InlineData(4.999, 4.999, true)]
    [InlineData(5, 4.999, false)]
    [InlineData(4.999, 5, false)]
    [InlineData(-0.001, 1, false)]
    public void A_lease_is_over_when_either_clock_says_so(double wall, double monotonic, bool holds)
    {
        var time = new TwoClocks();
        var lease = Lease.Asking(time).Granted();
        time.Advance(TimeSpan.FromSeconds(monotonic));
        time.SetWallClock(TimeSpan.FromSeconds(wall - monotonic));

        Assert.Equal(holds, lease.Holds(time, TimeSpan.FromSeconds(5), time.GetUtcNow()));
    }

    [Fact]
    public void A_question_is_no_lease()
    {
        var time = new TwoClocks();
        Assert.False(Lease.Asking(time).Holds(time, TimeSpan.FromSeconds(5), time.GetUtcNow()));
    }
}
