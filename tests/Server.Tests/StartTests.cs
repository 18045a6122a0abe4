namespace SessionCluster.Server.Tests;

public sealed class StartTests
{
    /// <summary>A setting with a value that it cannot have, and the name by which the message must call it.</summary>
    public static TheoryData<string, string> BadSettings => new()
    {
        { "urls=bla", "urls" },
        { "urls=http://127.0.0.1:99999", "urls" },
        { "PublicUrl=ftp://x", "PublicUrl" },
        { "PublicUrl=https://example.test/path", "PublicUrl" },
        { "Sessions:BrowserLifetime=soon", "Sessions:BrowserLifetime" },
        { "Sessions:IdleTimeout=seconds=1", "Sessions:IdleTimeout" },
        { "Sessions:MaxPerUser=many", "Sessions:MaxPerUser" },
        { "Sessions:MaxPerUser=-1", "Sessions:MaxPerUser" },
        { "Sessions:MaxPerUser=99999999999", "Sessions:MaxPerUser" },
        { "Sessions:OnLimit=maybe", "Sessions:OnLimit" },
        { "Leases:Duration=days=1", "Leases:Duration" },
        { "Sweeping:Interval=", "Sweeping:Interval" },
        { "Events:Retention=seconds=1", "Events:Retention" },
        { "Proxies:Trusted:0=everyone", "Proxies:Trusted:0" },
        { "Api:BootstrapKey=short", "Api:BootstrapKey" },
        { "Api:Keys:0:Name=x", "Api:Keys:0:Sha256" },
        { "Cookies:Domain=not a domain", "Cookies:Domain" },
        { "Login:Url=javascript:alert(1)", "Login:Url" },
        { "Login:AllowedRedirects:0=https://a.test/path", "Login:AllowedRedirects:0" },
        { "Keys:0=c2hvcnQ=", "Keys:0" },
    };

    [Theory]
    [MemberData(nameof(BadSettings))]
    public async Task A_bad_setting_stops_the_start_and_is_named(string setting, string name)
    {
        using var folder = new TempFolder();

        var (exitCode, log) = await ServerProcess.StartRefused(folder.In("data"), setting);

        AssertToldPlainly(exitCode, log, name);
    }

    [Fact]
    public async Task Bad_settings_of_several_sections_are_all_named()
    {
        using var folder = new TempFolder();

        var (exitCode, log) = await ServerProcess.StartRefused(folder.In("data"), "Sessions:OnLimit=maybe", "Leases:Duration=x", "PublicUrl=x");

        AssertToldPlainly(exitCode, log, "Sessions:OnLimit", "Leases:Duration", "PublicUrl");
    }

    [Fact]
    public async Task An_address_in_use_stops_the_start_and_is_named()
    {
        using var folder = new TempFolder();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();

        var (exitCode, log) = await ServerProcess.StartRefused(folder.In("data"), $"urls=http://{taken.LocalEndpoint}");

        AssertToldPlainly(exitCode, log, taken.LocalEndpoint.ToString()!);
    }

    [Fact]
    public async Task A_database_that_cannot_be_used_is_logged_and_the_server_serves_without_it()
    {
        using var folder = new TempFolder();
        var truncated = folder.Write("city.mmdb", Places.CityDatabase()[..200]);
        var wrongType = folder.Write("asn.mmdb", Places.CityDatabase());
        await using var server = await ServerProcess.Start(
            folder.In("data"), $"GeoIp:CityDatabase={truncated}", $"GeoIp:AsnDatabase={wrongType}");

        Assert.Contains($"GeoIp:CityDatabase: {truncated} cannot be used, look-ups find nothing: ", server.Log, StringComparison.Ordinal);
        Assert.Contains($"GeoIp:AsnDatabase: {wrongType} cannot be used, look-ups find nothing: ", server.Log, StringComparison.Ordinal);
        await AssertMissingBreaks(server.Api, "network", "network_binding", "bind_asn");
    }

    [Fact]
    public async Task A_missing_database_is_logged_and_a_bound_session_breaks_as_missing_on_a_change()
    {
        using var folder = new TempFolder();
        var missing = folder.In("none.mmdb");
        await using var server = await ServerProcess.Start(folder.In("data"), $"GeoIp:CityDatabase={missing}");

        Assert.Contains($"GeoIp:CityDatabase: {missing} cannot be used", server.Log, StringComparison.Ordinal);
        await AssertMissingBreaks(server.Api, "geoip", "geoip_binding", "bind_continent");
    }

    [Fact]
    public async Task Requests_that_go_well_are_not_logged()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.Start(folder.In("data"));
        await server.Api.Login(Actions.NewUser());
        var before = LinesOf(server.Log);

        for (var number = 0; number < 20; number++)
        {
            await server.Api.Login(Actions.NewUser());
        }

        // A line now and then is not about a request; the start's last lines may come late.
        Assert.InRange(LinesOf(server.Log) - before, 0, 10);

        static int LinesOf(string log) => log.Count(character => character == '\n');
    }

    private static async Task AssertMissingBreaks(ApiClient api, string layer, string setting, string binding)
    {
        var login = await api.Login("42", await api.Stage($"\"{setting}\": \"{binding}\""));
        Assert.Null(await api.WhyNot(login.Token));
        Assert.Equal($"{layer}.missing", (await api.Validate(login.Token, Places.BerlinToo)).StringAt("binding.reason"));
    }

    internal static void AssertToldPlainly(int exitCode, string log, params string[] names)
    {
        Assert.True(exitCode is > 0 and < 128, $"Exit code {exitCode}:\n{log}");
        Assert.Contains("SessionCluster did not start:", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", log, StringComparison.Ordinal);
        foreach (var name in names)
        {
            Assert.Contains(name, log, StringComparison.Ordinal);
        }
    }
}
