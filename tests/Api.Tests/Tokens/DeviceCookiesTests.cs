using System.Security.Cryptography;
using SessionCluster.Api.Tokens;
using SessionCluster.Devices;

namespace SessionCluster.Api.Tests.Tokens;

public sealed class DeviceCookiesTests
{
    private readonly DeviceCookies _cookies = new(new KeyRing([RandomNumberGenerator.GetBytes(KeyRing.KeyBytes)]));

    [Fact]
    public void A_cookie_keeps_its_device_and_its_end_in_seconds()
    {
        var claim = new DeviceCookieClaim(new DeviceId(Guid.NewGuid()), new DateTimeOffset(2027, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));
        var text = _cookies.Issue(claim);
        Assert.Equal(DeviceCookies.Length, text.Length);
        Assert.Equal(claim with { CookieExpires = new DateTimeOffset(2027, 1, 2, 3, 4, 5, TimeSpan.Zero) }, _cookies.Read(text));
    }

    [Fact]
    public void The_latest_end_there_is_survives()
    {
        var text = _cookies.Issue(new DeviceCookieClaim(new DeviceId(Guid.NewGuid()), DateTimeOffset.MaxValue));
        Assert.Equal(DateTimeOffset.MaxValue.ToUnixTimeSeconds(), _cookies.Read(text)!.CookieExpires.ToUnixTimeSeconds());
    }

    [Fact]
    public void An_altered_cookie_says_nothing()
    {
        var text = _cookies.Issue(new DeviceCookieClaim(new DeviceId(Guid.NewGuid()), DateTimeOffset.UnixEpoch.AddDays(1)));
        for (var place = 0; place < text.Length; place++)
        {
            var other = text[place] == 'A' ? 'B' : 'A';
            Assert.Null(_cookies.Read(text[..place] + other + text[(place + 1)..]));
            Assert.Null(_cookies.Read(text.AsSpan(0, place)));
        }

        Assert.Null(_cookies.Read(text + "A"));
        Assert.Null(_cookies.Read(""));
    }
}
