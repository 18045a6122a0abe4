using Microsoft.AspNetCore.Http;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>What a browser is told to keep and to forget, by an app that wants other attributes than the server's.</summary>
public sealed class CookieTests
{
    private const string Session = "sessioncluster_session";

    private const string Device = "sessioncluster_device";

    /// <summary>Browsers drop a cookie that has a prefix and not what the prefix promises.</summary>
    [Theory]
    [InlineData(null, null, CookieSecurePolicy.SameAsRequest, "__Host-")]
    [InlineData("example.com", null, CookieSecurePolicy.SameAsRequest, "__Secure-")]
    [InlineData(null, "/app", CookieSecurePolicy.SameAsRequest, "__Secure-")]
    [InlineData(null, "/", CookieSecurePolicy.Always, "__Host-")]
    [InlineData(null, null, CookieSecurePolicy.None, "")]
    [InlineData("example.com", null, CookieSecurePolicy.None, "")]
    public void A_name_has_the_prefix_that_its_attributes_keep(string? domain, string? path, CookieSecurePolicy secure, string prefix)
    {
        var context = new DefaultHttpContext();

        new BrowserCookies(new CookieBuilder { Domain = domain, Path = path, SecurePolicy = secure }).Append(context, FromServer("__Host-"));

        Assert.Equal([prefix + Session, prefix + Device], Set(context).Select(cookie => cookie.Split('=')[0]));
        context.Request.Headers.Cookie = $"{prefix}{Session}=token";
        Assert.Equal("token", new BrowserCookies(new CookieBuilder()).Token(context.Request));
    }

    /// <summary>What another host of the domain plants in the browser of somebody who is signed out would sign them in.</summary>
    [Theory]
    [InlineData("", null, true, CookieSecurePolicy.SameAsRequest, false)]
    [InlineData("", "example.com", true, CookieSecurePolicy.SameAsRequest, false)]
    [InlineData("__Secure-", null, true, CookieSecurePolicy.SameAsRequest, true)]
    [InlineData("__Secure-", "example.com", true, CookieSecurePolicy.SameAsRequest, true)]
    [InlineData("__Host-", null, true, CookieSecurePolicy.SameAsRequest, true)]
    [InlineData("", null, false, CookieSecurePolicy.Always, false)]
    [InlineData("", null, false, CookieSecurePolicy.SameAsRequest, true)]
    [InlineData("__Host-", null, false, CookieSecurePolicy.SameAsRequest, true)]
    [InlineData("", null, true, CookieSecurePolicy.None, true)]
    public void Over_https_no_name_counts_that_can_be_set_over_plain_http(string prefix, string? domain, bool isHttps, CookieSecurePolicy secure, bool counts)
    {
        var context = new DefaultHttpContext();
        context.Request.IsHttps = isHttps;
        context.Request.Headers.Cookie = $"{prefix}{Session}=token; {prefix}{Device}=device";
        var cookies = new BrowserCookies(new CookieBuilder { Domain = domain, SecurePolicy = secure });

        Assert.Equal(counts ? ("token", "device") : (null, null), (cookies.Token(context.Request), cookies.Device(context.Request)));
    }

    /// <summary>What another host with https plants for the whole domain can be called so.</summary>
    [Fact]
    public void An_app_whose_own_name_is_of_its_host_alone_reads_no_cookie_that_another_host_can_set()
    {
        var context = new DefaultHttpContext();
        context.Request.IsHttps = true;
        var cookies = new BrowserCookies(new CookieBuilder { Name = "__Host-mine" });

        context.Request.Headers.Cookie = $"__Secure-{Session}=token; __Secure-{Device}=device";
        Assert.Equal((null, null), (cookies.Token(context.Request), cookies.Device(context.Request)));
        context.Request.Headers.Cookie = $"__Host-mine=token; __Host-{Device}=device";
        Assert.Equal(("token", "device"), (cookies.Token(context.Request), cookies.Device(context.Request)));
    }

    /// <summary>Also of a server with plain http, whose names have no prefix, and of one whose cookies are for a whole domain.</summary>
    [Theory]
    [InlineData("", null, null, "__Host-")]
    [InlineData("__Secure-", "example.com", null, "__Secure-")]
    [InlineData("__Secure-", "example.com", "__Host-mine", "__Host-")]
    public void What_is_written_over_https_is_read_again(string fromServer, string? domain, string? name, string prefix)
    {
        var context = new DefaultHttpContext();
        context.Request.IsHttps = true;
        var cookies = new BrowserCookies(name is null ? new CookieBuilder() : new CookieBuilder { Name = name });

        cookies.Append(context, [.. FromServer(fromServer).Select(cookie => domain is null ? cookie : cookie with { SetCookie = $"{cookie.SetCookie}; Domain={domain}" })]);

        Assert.Equal([$"{name ?? prefix + Session}=v", $"{prefix}{Device}=v"], Set(context).Select(cookie => cookie.Split(';')[0]));
        Assert.All(Set(context), cookie => Assert.Equal(prefix == "__Secure-", cookie.Contains("domain=example.com", StringComparison.Ordinal)));
        context.Request.Headers.Cookie = Set(context)[0].Split(';')[0];
        Assert.Equal("v", cookies.Token(context.Request));
    }

    [Fact]
    public void A_name_of_the_apps_own_stays()
    {
        var context = new DefaultHttpContext();

        new BrowserCookies(new CookieBuilder { Name = "mine", Path = "/app" }).Append(context, FromServer("__Host-"));

        Assert.Equal(["mine", "__Secure-" + Device], Set(context).Select(cookie => cookie.Split('=')[0]));
    }

    /// <summary>Of two cookies the one with a prefix counts: one that is left from another time of the server would be all that the app sees.</summary>
    [Fact]
    public void A_sign_in_removes_session_cookies_of_other_names()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = $"__Host-{Session}=old; __Secure-{Session}=older; {Session}=oldest; __Host-{Device}=d; other=1";

        new BrowserCookies(new CookieBuilder()).Append(context, FromServer(""));

        Assert.Equal([$"__Host-{Session}=", $"__Secure-{Session}=", $"{Session}=v", $"__Host-{Device}=", $"{Device}=v"], Set(context).Select(cookie => cookie.Split(';')[0]));
        Assert.All(Set(context).Where(cookie => cookie.StartsWith("__", StringComparison.Ordinal)), cookie => Assert.Contains("secure", cookie, StringComparison.Ordinal));
    }

    /// <summary>A browser removes a cookie only where Domain and Path are those it was set with.</summary>
    [Fact]
    public void A_sign_out_removes_the_cookie_with_the_servers_domain()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = $"__Secure-{Session}=v";

        new BrowserCookies(new CookieBuilder()).Clear(context, $"__Secure-{Session}=; Path=/; Domain=example.com; Max-Age=0; HttpOnly; Secure; SameSite=Lax");

        Assert.Equal(
            [$"__Secure-{Session}=; path=/", $"__Secure-{Session}=; domain=example.com; path=/"],
            Set(context).Select(cookie => System.Text.RegularExpressions.Regex.Replace(cookie, "(expires|max-age|secure|samesite|httponly)[^;]*(; )?", "").TrimEnd(' ', ';')));
    }

    [Fact]
    public void Other_names_are_another_apps_where_the_app_has_its_own()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = $"__Host-{Session}=another; mine=old";

        new BrowserCookies(new CookieBuilder { Name = "mine" }).Append(context, FromServer(""));

        Assert.Equal(["mine=v", $"{Device}=v"], Set(context).Select(cookie => cookie.Split(';')[0]));
    }

    private static SessionCookie[] FromServer(string prefix) =>
        [.. new[] { prefix + Session, prefix + Device }.Select(name => new SessionCookie(name, "v", $"{name}=v; Path=/; HttpOnly{(prefix.Length > 0 ? "; Secure" : "")}; SameSite=Lax"))];

    private static string[] Set(HttpContext context) => [.. context.Response.Headers.SetCookie.Select(cookie => cookie!)];
}
