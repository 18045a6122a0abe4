using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using SessionCluster.Api.Clients;
using SessionCluster.Sessions;
using SessionCluster.Settings;

namespace SessionCluster.Api.Tests.Clients;

public sealed class ForwardedAddressTests
{
    private static readonly TrustedProxies Proxies = new(["10.0.0.0/8", "192.0.2.1", "2001:db8:ffff::/48", "::ffff:172.16.0.0/108"]);

    private static string Find(string peer, string header, params string[] lines)
    {
        var headers = new HeaderDictionary { [header] = new StringValues(lines) };
        return ClientAddress.Canonical(ForwardedAddress.Find(IPAddress.Parse(peer), headers, Proxies));
    }

    [Theory]
    [InlineData("203.0.113.9", "1.2.3.4", "203.0.113.9")] // an untrusted peer may say what it likes
    [InlineData("10.0.0.1", "1.2.3.4", "1.2.3.4")]
    [InlineData("::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4")]
    [InlineData("172.17.0.1", "1.2.3.4", "1.2.3.4")]
    [InlineData("::ffff:172.17.0.1", "1.2.3.4", "1.2.3.4")]
    [InlineData("172.32.0.1", "1.2.3.4", "172.32.0.1")]
    [InlineData("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4")] // the left one is the client's own invention
    [InlineData("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.9.9.9, 192.0.2.1", "1.2.3.4")]
    [InlineData("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3")] // only proxies: the first of them
    [InlineData("10.0.0.1", "1.2.3.4:5678", "1.2.3.4")]
    [InlineData("10.0.0.1", "[2001:DB8::1]:443", "2001:db8::1")]
    [InlineData("10.0.0.1", "[2001:db8::1]", "2001:db8::1")]
    [InlineData("10.0.0.1", "2001:db8::1", "2001:db8::1")]
    [InlineData("10.0.0.1", "1.2.3.4, 2001:db8:ffff::7", "1.2.3.4")]
    [InlineData("10.0.0.1", "::ffff:1.2.3.4", "1.2.3.4")]
    [InlineData("10.0.0.1", "1.2.3.4, unknown", "10.0.0.1")] // an unreadable hop ends the walk
    [InlineData("10.0.0.1", "1.2.3.4, ", "10.0.0.1")]
    [InlineData("10.0.0.1", "1.2.3.4:port", "10.0.0.1")]
    [InlineData("10.0.0.1", "[2001:db8::1", "10.0.0.1")]
    [InlineData("10.0.0.1", "010.1.2.3", "10.0.0.1")]
    [InlineData("10.0.0.1", "", "10.0.0.1")]
    public void X_Forwarded_For_counts_as_far_as_trusted_proxies_wrote_it(string peer, string header, string client) =>
        Assert.Equal(client, Find(peer, "X-Forwarded-For", header));

    [Fact]
    public void Several_header_lines_are_one_list() => Assert.Equal("1.2.3.4", Find("10.0.0.1", "X-Forwarded-For", "6.6.6.6, 1.2.3.4", "10.0.0.2"));

    [Theory]
    [InlineData("10.0.0.1", "for=1.2.3.4", "1.2.3.4")]
    [InlineData("10.0.0.1", "For=\"1.2.3.4:99\";proto=https;by=10.0.0.1", "1.2.3.4")]
    [InlineData("10.0.0.1", "for=6.6.6.6, proto=http;for=\"[2001:db8::9]:47011\", for=10.0.0.2", "2001:db8::9")]
    [InlineData("10.0.0.1", "for=1.2.3.4, for=unknown", "10.0.0.1")]
    [InlineData("10.0.0.1", "for=1.2.3.4, for=_hidden", "10.0.0.1")]
    [InlineData("10.0.0.1", "for=1.2.3.4, proto=https", "10.0.0.1")]
    [InlineData("10.0.0.1", "for=203.0.113.9;host=\"x,for=198.51.100.7;y\"", "10.0.0.1")]
    [InlineData("10.0.0.1", "host=\"a;for=198.51.100.7;b\";for=203.0.113.9", "10.0.0.1")]
    [InlineData("203.0.113.9", "for=1.2.3.4", "203.0.113.9")]
    public void Forwarded_counts_in_the_same_way(string peer, string header, string client) =>
        Assert.Equal(client, Find(peer, "Forwarded", header));

    [Fact]
    public void X_Forwarded_For_wins_over_Forwarded()
    {
        var headers = new HeaderDictionary { ["X-Forwarded-For"] = "1.2.3.4", ["Forwarded"] = "for=5.6.7.8" };
        Assert.Equal("1.2.3.4", ForwardedAddress.Find(IPAddress.Parse("10.0.0.1"), headers, Proxies).ToString());
    }

    [Theory]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("::1", true)]
    [InlineData("2001:db8::/32", true)]
    [InlineData("10.0.0.1/8", true)]
    [InlineData("10.0.0.0/33", false)]
    [InlineData("proxy.example.com", false)]
    [InlineData("", false)]
    public void A_trusted_proxy_is_an_address_or_a_cidr(string text, bool valid)
    {
        var options = new ProxyOptions();
        options.Bind(Settings.Of(("Proxies:Trusted:0", text)));
        var result = new OptionsCheck<ProxyOptions>().Validate(null, options);
        Assert.Equal(valid, result.Succeeded);
        Assert.True(valid || result.FailureMessage!.Contains("Proxies:Trusted:0", StringComparison.Ordinal));
    }
}
