using System.Net;
using SessionCluster.Sessions;

namespace SessionCluster.Grains.Tests.Sessions;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("1.2.3.4", "1.2.3.4")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("2001:DB8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData("2001:0db8::0001", "2001:db8::1")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    [InlineData("1::8", "1::8")]
    [InlineData("::ffff:1.2.3.4", "1.2.3.4")]
    [InlineData("::FFFF:1.2.3.4", "1.2.3.4")]
    [InlineData("::ffff:102:304", "1.2.3.4")]
    [InlineData("0000:0000:0000:0000:0000:ffff:255.255.255.255", "255.255.255.255")]
    [InlineData("64:ff9b::1.2.3.4", "64:ff9b::102:304")]
    [InlineData("fe80::1", "fe80::1")]
    public void An_address_has_one_canonical_text(string text, string canonical)
    {
        Assert.True(ClientAddress.TryParse(text, out var address));
        Assert.Equal(canonical, ClientAddress.Canonical(address));
        Assert.True(ClientAddress.TryParse(canonical, out var again));
        Assert.Equal(address, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.")]
    [InlineData(".1.2.3")]
    [InlineData("1..2.3")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.1000")]
    [InlineData("1.2.3.04")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.00")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0x7f.1")]
    [InlineData("2130706433")]
    [InlineData("1.2.3.-4")]
    [InlineData("1.2.3.+4")]
    [InlineData(" 1.2.3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("1.2.3.4\n")]
    [InlineData("1.2.3.4\0")]
    [InlineData("1.2.3.4:80")]
    [InlineData("1.2.3.4/32")]
    [InlineData("\u0661.2.3.4")]
    [InlineData("localhost")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("::1::")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("::1%1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("::1/128")]
    [InlineData(" ::1")]
    [InlineData("::1 ")]
    [InlineData("::1\0")]
    [InlineData("::g")]
    [InlineData("::12345")]
    [InlineData("::00001")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:")]
    [InlineData(":1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7::8:9")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("::ffff:1.2.3")]
    [InlineData("::ffff:1.2.3.04")]
    [InlineData("::ffff:0x1.2.3.4")]
    [InlineData("::ffff:1.2.3.4:1")]
    [InlineData("::1.2.3.4.5")]
    [InlineData("0000:0000:0000:0000:0000:ffff:255.255.255.2555")]
    public void Other_text_is_no_address(string? text)
    {
        Assert.False(ClientAddress.TryParse(text, out var address));
        Assert.Null(address);
    }

    [Fact]
    public void The_zone_of_a_connection_is_dropped() =>
        Assert.Equal("fe80::1", ClientAddress.Canonical(new IPAddress(IPAddress.Parse("fe80::1").GetAddressBytes(), 3)));

    [Fact]
    public void The_mapped_address_of_a_dual_stack_connection_is_folded() =>
        Assert.Equal("10.0.0.1", ClientAddress.Canonical(IPAddress.Parse("10.0.0.1").MapToIPv6()));
}
