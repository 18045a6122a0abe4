using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Site;
using SessionCluster.Bindings;
using SessionCluster.Devices;
using SessionCluster.Sessions;
using SessionCluster.Settings;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Site;

public sealed class SiteTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static SiteCookies Cookies(string publicUrl, string? domain = null) => new(new PublicSite(
        Options.Create(new SiteOptions { PublicUrl = publicUrl, CookieDomain = domain }), new NoServer()));

    private static SessionInfo Session(DateTimeOffset expires, bool endsWithBrowser) => new(
        new SessionId(Guid.NewGuid()), new UserFacts(new UserId("1"), "u", "e", "n"), Now, expires, endsWithBrowser, "password", false,
        NetworkBinding.None, GeoIpBinding.None, "1.2.3.4", "", Now, null, null, null);

    [Theory]
    [InlineData("http://localhost:8080", null, "sessioncluster_session", "; Path=/; HttpOnly; SameSite=Lax")]
    [InlineData("https://a.example.com", null, "__Host-sessioncluster_session", "; Path=/; HttpOnly; Secure; SameSite=Lax")]
    [InlineData("https://a.example.com", "example.com", "__Secure-sessioncluster_session", "; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax")]
    [InlineData("http://a.example.com", "example.com", "sessioncluster_session", "; Path=/; Domain=example.com; HttpOnly; SameSite=Lax")]
    public void The_public_url_decides_the_cookie(string publicUrl, string? domain, string name, string attributes)
    {
        var cookie = Cookies(publicUrl, domain).Session(Session(Now.AddDays(1), endsWithBrowser: true), "tok", Now);
        Assert.Equal((name, "tok", $"{name}=tok{attributes}"), (cookie.Name, cookie.Value, cookie.SetCookie));
        var device = Cookies(publicUrl, domain).Device(new DeviceCookieClaim(new DeviceId(Guid.NewGuid()), Now.AddMinutes(1)), "dev", Now);
        var deviceName = name.Replace("_session", "_device", StringComparison.Ordinal);
        var life = "; Max-Age=60; Expires=Sat, 21 Nov 2026 12:01:00 GMT; HttpOnly";
        Assert.Equal((deviceName, $"{deviceName}=dev{attributes.Replace("; HttpOnly", life, StringComparison.Ordinal)}"), (device.Name, device.SetCookie));
    }

    [Theory]
    [InlineData(60, "Max-Age=60; Expires=Sat, 21 Nov 2026 12:01:00 GMT")]
    [InlineData((400 * 86400) - 1, "Max-Age=34559999;")]
    [InlineData(400 * 86400, "Max-Age=34560000;")]
    [InlineData((400 * 86400) + 1, "Max-Age=34560000;")]
    public void A_session_with_a_lifetime_gives_it_to_the_cookie_up_to_400_days(int seconds, string expected)
    {
        var cookie = Cookies("http://localhost").Session(Session(Now.AddSeconds(seconds), endsWithBrowser: false), "tok", Now);
        Assert.Contains(expected, cookie.SetCookie, StringComparison.Ordinal);
    }

    [Fact]
    public void The_latest_end_there_is_gives_a_cookie_too()
    {
        var cookies = Cookies("http://localhost");
        Assert.Contains("Max-Age=34560000;", cookies.Session(Session(DateTimeOffset.MaxValue, false), "tok", Now).SetCookie, StringComparison.Ordinal);
        var device = cookies.Device(new DeviceCookieClaim(new DeviceId(Guid.NewGuid()), DateTimeOffset.MaxValue), "dev", Now);
        Assert.Equal("sessioncluster_device", device.Name);
        Assert.Contains("Max-Age=34560000;", device.SetCookie, StringComparison.Ordinal);
    }

    /// <summary>A form that other hosts' redirects follow is held to the policy at each of them; plain http is allowed only where the site leads to it.</summary>
    [Theory]
    [InlineData("https://a.example.com", "https://a.example.com/login", "'self' https:")]
    [InlineData("https://a.example.com", "http://login.example.com/", "'self' https: http:")]
    [InlineData("http://a.example.com", "https://a.example.com/login", "'self' https: http:")]
    public void Forms_of_an_https_site_lead_to_plain_http_only_where_it_does(string publicUrl, string loginUrl, string targets) => Assert.Equal(
        targets, new PublicSite(Options.Create(new SiteOptions { PublicUrl = publicUrl, LoginUrl = loginUrl }), new NoServer()).FormTargets);

    [Fact]
    public void Clearing_takes_the_cookie_back() =>
        Assert.StartsWith("__Host-sessioncluster_session=; Path=/; Max-Age=0;", Cookies("https://a.example.com").ClearSession(), StringComparison.Ordinal);

    [Theory]
    [InlineData("/", true)]
    [InlineData("/a?b=c#d", true)]
    [InlineData("https://app.example.com/x", true)]
    [InlineData("HTTPS://APP.example.com:443/x", true)]
    [InlineData("", false)]
    [InlineData("a", false)]
    [InlineData("//evil.com", false)]
    [InlineData("/\\evil.com", false)]
    [InlineData("/a\\b", false)]
    [InlineData("/\tx", false)]
    [InlineData("/a\u0085", false)]
    [InlineData("https://app.example.com:444/", false)]
    [InlineData("http://app.example.com/", false)]
    [InlineData("https://app.example.com.evil.com/", false)]
    [InlineData("https://app.example.com@evil.com/", false)]
    [InlineData("https://user@app.example.com/", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("https:app.example.com", false)]
    [InlineData("/api/v3/flows/executor/x/?plan=y", false)]
    [InlineData("/if/flow/x/?code=y", false)]
    [InlineData("/API/v3/", false)]
    [InlineData("/If/Flow/x", false)]
    [InlineData("/%61pi/v3/", false)]
    [InlineData("/%2561pi/v3/", false)]
    [InlineData("/a%25252520b", true)]
    [InlineData("/a%2525252520b", false)]
    [InlineData("/if%2Fflow/x", false)]
    [InlineData("/if%255Cflow/x", false)]
    [InlineData("/a/../api/v3/", false)]
    [InlineData("/a/%2e%2E/api/v3/", false)]
    [InlineData("/a/.%2e/if/flow/x", false)]
    [InlineData("/./api/", false)]
    [InlineData("/api//../v3/", false)]
    [InlineData("/.//api/v3/", false)]
    [InlineData("/if//flow/x", false)]
    [InlineData("/%2Fapi/v3/", false)]
    [InlineData("/a%2F..%2Fapi/v3/", false)]
    [InlineData("/api%2Fx%2F..%2F..", false)]
    [InlineData("https://own.example.com/api/v3/", false)]
    [InlineData("https://own.example.com//api/v3/", false)]
    [InlineData("HTTPS://OWN.example.com:443/%61pi/v3/", false)]
    [InlineData("https://own.example.com/a/../if/flow/x", false)]
    [InlineData("https://own.example.com/app", true)]
    [InlineData("https://app.example.com/api/x", true)]
    [InlineData("/apis", true)]
    [InlineData("/if/flows", true)]
    [InlineData("/app/api/", true)]
    [InlineData("/a?b=/api/../c", true)]
    [InlineData("/a..b/c...", true)]
    public void Next_is_a_path_or_a_url_of_an_allowed_origin(string next, bool allowed) =>
        Assert.Equal(allowed, new RedirectRule(["https://app.example.com", "https://own.example.com"], () => "https://own.example.com").Allows(next));

    [Fact]
    public void Every_fault_is_listed_with_its_setting()
    {
        var options = new SiteOptions();
        options.Bind(Settings.Of(
            ("PublicUrl", "ftp://x"), ("Cookies:Domain", ".example.com"), ("Login:Url", "//evil"), ("Login:AllowedRedirects:0", "https://a.example.com/path")));
        var failures = new OptionsCheck<SiteOptions>().Validate(null, options).Failures!.ToList();
        foreach (var setting in new[] { "PublicUrl", "Cookies:Domain", "Login:Url", "Login:AllowedRedirects:0" })
        {
            Assert.Contains(failures, failure => failure.StartsWith(setting, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("https://a.example.com", "example.com", true)]
    [InlineData("https://example.com", "example.com", true)]
    [InlineData("https://a.example.org", "example.com", false)]
    [InlineData("https://badexample.com", "example.com", false)]
    public void The_cookie_domain_covers_the_public_url(string publicUrl, string domain, bool valid)
    {
        var options = new SiteOptions { PublicUrl = publicUrl, CookieDomain = domain };
        Assert.Equal(valid, new OptionsCheck<SiteOptions>().Validate(null, options).Succeeded);
    }

    [Theory]
    [InlineData("https://login.exämple.com/", false)]
    [InlineData("https://login.xn--exmple-cua.com/", true)]
    [InlineData("/anmeldung/für", false)]
    [InlineData("/anmeldung/f%C3%BCr", true)]
    public void The_login_url_is_one_that_a_header_can_hold(string url, bool valid)
    {
        var result = new OptionsCheck<SiteOptions>().Validate(null, new SiteOptions { LoginUrl = url });
        Assert.Equal(valid, result.Succeeded);
        Assert.True(valid || result.FailureMessage!.StartsWith("Login:Url must be ASCII", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("PublicUrl", "https://login.ex\u00e4mple.com", false)]
    [InlineData("PublicUrl", "https://login.xn--exmple-cua.com", true)]
    [InlineData("Cookies:Domain", "ex\u00e4mple.com", false)]
    [InlineData("Login:AllowedRedirects:0", "https://app.ex\u00e4mple.com", false)]
    [InlineData("Login:AllowedRedirects:0", "https://app.xn--exmple-cua.com", true)]
    public void Hosts_are_written_as_browsers_send_them(string setting, string value, bool valid)
    {
        var options = new SiteOptions();
        options.Bind(Settings.Of((setting, value)));
        var result = new OptionsCheck<SiteOptions>().Validate(null, options);
        Assert.Equal(valid, result.Succeeded);
        Assert.True(valid || result.FailureMessage!.StartsWith($"{setting} must be ASCII", StringComparison.Ordinal));
    }

    private sealed class NoServer : IServer
    {
        public IFeatureCollection Features { get; } = new FeatureCollection();

        public void Dispose()
        {
        }

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
