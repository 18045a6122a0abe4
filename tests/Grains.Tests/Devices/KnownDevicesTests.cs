using SessionCluster.Devices;
using SessionCluster.Grains.Tests.Users;
using SessionCluster.Sessions;
using SessionCluster.Users;
using static SessionCluster.Grains.Tests.Users.LedgerBench;

namespace SessionCluster.Grains.Tests.Devices;

public sealed class KnownDevicesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = new(1, 2, 3, new byte[8]);

    [Theory]
    [InlineData("seconds=0", false)]
    [InlineData("milliseconds=999,microseconds=999", false)]
    [InlineData("seconds=1", true)]
    [InlineData("days=30", true)]
    public void A_stage_remembers_a_device_from_one_second_on(string length, bool remembers)
    {
        var (devices, cookie) = KnownDevices.Remember([], Command(Stage(device: length)), Id, Now);
        Assert.Equal(remembers, cookie is not null);
        Assert.Equal(remembers ? 1 : 0, devices.Length);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void A_cookie_counts_until_its_end_and_only_while_its_device_is_kept(int ticks, bool known)
    {
        var (devices, cookie) = KnownDevices.Remember([], Command(Stage(device: "days=1")), Id, Now);
        var at = Now.AddDays(1).AddTicks(ticks * TimeSpan.TicksPerMicrosecond);

        Assert.Equal(known, KnownDevices.Recognises(devices, cookie, at));
        Assert.False(KnownDevices.Recognises([], cookie, Now));
        Assert.False(KnownDevices.Recognises(devices, null, Now));
        Assert.False(KnownDevices.Recognises(devices, cookie! with { CookieExpires = Now }, Now));
    }

    [Fact]
    public void A_browser_keeps_its_device_id_and_the_longest_cookie_life_also_across_users()
    {
        var other = new DeviceCookieClaim(new DeviceId(new Guid(9, 9, 9, new byte[8])), Now.AddDays(100));
        var (devices, cookie) = KnownDevices.Remember([], Command(device: other), Id, Now);
        Assert.Equal(other, cookie);
        Assert.Equal(Now.AddDays(30), Assert.Single(devices).Expires);
    }

    [Fact]
    public void A_cookie_that_is_over_does_not_hand_its_id_on()
    {
        var over = new DeviceCookieClaim(new DeviceId(new Guid(9, 9, 9, new byte[8])), Now);
        Assert.Equal(Id, KnownDevices.Remember([], Command(device: over), Id, Now).Cookie!.Id.Value);
    }

    [Fact]
    public void Devices_are_bounded_and_the_one_that_ends_first_makes_room()
    {
        System.Collections.Immutable.ImmutableArray<DeviceInfo> devices = [];
        for (var i = 0; i <= KnownDevices.MaxPerUser; i++)
        {
            (devices, _) = KnownDevices.Remember(devices, Command(), new Guid(i, 0, 0, new byte[8]), Now.AddSeconds(i));
        }

        Assert.Equal(KnownDevices.MaxPerUser, devices.Length);
        Assert.DoesNotContain(devices, d => d.Id.Value == new Guid(0, 0, 0, new byte[8]));
    }

    /// <summary>Of a device the first and the last login are kept; a login in between may have been from it. A clock may be set back between the two.</summary>
    [Theory]
    [InlineData(2, -1, true)]
    [InlineData(2, 0, false)]
    [InlineData(2, 1, false)]
    [InlineData(2, 2, false)]
    [InlineData(2, 3, true)]
    [InlineData(-2, -3, true)]
    [InlineData(-2, -2, false)]
    [InlineData(-2, -1, false)]
    [InlineData(-2, 0, false)]
    [InlineData(-2, 1, true)]
    public void With_a_login_that_was_somebody_elses_every_device_is_forgotten_that_may_have_been_its_own(int last, int hour, bool stays)
    {
        var bench = new LedgerBench();
        var begin = bench.Time.GetUtcNow();
        var cookie = bench.Login(Command()).DeviceCookie!;
        bench.Time.AdjustTime(begin.AddHours(last));
        bench.Login(Command(device: cookie));

        bench.Commit(ledger => ledger.End(new EndCommand(null, EndReason.RevokedByOwner, Client: Client(), ForgetDevicesOf: begin.AddHours(hour)), null, null));

        Assert.Equal(stays, bench.State.Devices.Any(device => device.Id == cookie.Id));
    }
}
