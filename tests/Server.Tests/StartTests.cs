using System.Diagnostics;

namespace SessionCluster.Server.Tests;

[Trait("Server", "Own")]
public sealed class StartTests
{
    /// <summary>
    /// Settings with a value that they cannot have, and what the message must say of each. Faults of values are told all at once; what the
    /// start needs before it looks at them is told alone.
    /// </summary>
    public static TheoryData<(string Setting, string Told)[]> BadSettings => new()
    {
        new[]
        {
            ("PublicUrl=ftp://x", "PublicUrl must"),
            ("Sessions:BrowserLifetime=soon", "Sessions:BrowserLifetime"),
            ("Sessions:IdleTimeout=seconds=1", "Sessions:IdleTimeout"),
            ("Sessions:MaxPerUser=-1", "Sessions:MaxPerUser"),
            ("Sessions:OnLimit=maybe", "Sessions:OnLimit"),
            ("Sweeping:Interval=", "Sweeping:Interval"),
            ("Events:Retention=seconds=1", "Events:Retention"),
            ("Proxies:Trusted:0=everyone", "Proxies:Trusted:0"),
            ("Api:BootstrapKey=short", "Api:BootstrapKey"),
            ("Api:Keys:0:Name=x", "Api:Keys:0:Sha256"),
            ("Cookies:Domain=not a domain", "Cookies:Domain"),
            ("Login:Url=javascript:alert(1)", "Login:Url"),
            ("Login:AllowedRedirects:0=https://a.test/path", "Login:AllowedRedirects:0"),
            ("Keys:0=c2hvcnQ=", "Keys:0"),
            ("Storage:Sqlite:LogPages=1", "Storage:Sqlite:LogPages"),
        },
        new[]
        {
            ("Sessions:MaxPerUsr=5", "There is no setting Sessions:MaxPerUsr; did you mean Sessions:MaxPerUser?"),
            ("Session:MaxPerUser=5", "There is no setting Session:MaxPerUser; did you mean Sessions:MaxPerUser?"),
            ("Proxies:Trusted=10.0.0.0/8", "Proxies:Trusted is a list: set Proxies:Trusted:0 (Proxies__Trusted__0 in the environment)."),
        },
        Alone("PublicUrl=https://example.test/path", "PublicUrl"),
        Alone("Leases:Duration=days=1", "Leases:Duration"),
        Alone("Cluster:CallTimeout=seconds=10", "Cluster:CallTimeout is 'seconds=10'; it must be more than 10 seconds"),
        new[]
        {
            ("Cluster:CallTimeout=seconds=11", "Cluster:CallTimeout is 'seconds=11'; it must be at least 12 seconds"),
            ("Leases:Duration=seconds=10", "Leases:LedgerFreshness and Leases:Duration"),
        },
        Alone("Leases:LedgerFreshness=soon", "Leases:LedgerFreshness"),
        Alone("Sessions:MaxPerUser=many", "Sessions:MaxPerUser is 'many'; it must be a whole number."),
        Alone("Sessions:MaxPerUser=99999999999", "Sessions:MaxPerUser"),
        Alone("Keys:AllowNew=maybe", "Keys:AllowNew"),
        new[] { ("Keys:AllowNew=true", "Keys:AllowNew makes a new key ring file"), ($"Keys:0={Convert.ToBase64String(new byte[32])}", "Keys:N stand in place of") },
        Alone("Http:Api=perhaps", "Http:Api is 'perhaps'; it must be true or false."),
        Alone("Events:MaxReaders=x", "Events:MaxReaders is 'x'; it must be a whole number."),
        Alone("Edge:MaxSessions=many", "Edge:MaxSessions"),
        Alone("Logging:LogLevel:Default=Loud", "Logging:LogLevel:Default is 'Loud'; it must be one of Trace"),
        Alone("Logging:Console:FormatterName=jsn", "Logging:Console:FormatterName is 'jsn'; it must be one of simple, systemd, json."),
        Alone("urls=bla", "urls"),
        Alone("urls=http://127.0.0.1:99999", "urls"),
        Alone("urls=https://127.0.0.1:0", "Kestrel:Certificates:Default:KeyPath"),
        Alone("urls=http://192.0.2.77:8080", "urls (ASPNETCORE_URLS)"),
        Alone("urls=http://localhost:8x", "urls: 'http://localhost:8x' is not a URL to listen on"),
        Alone("urls=http://127.0.0.l:8080", "urls: 'http://127.0.0.l:8080' does not say on which address to listen"),
        Alone("urls=http://sessions.example.test:8080", "Write an IP address of this host, localhost, or * for all."),
        Alone("Kestrel:Endpoints:Http:Url=http://intern:0", "Kestrel:Endpoints:Http:Url: 'http://intern:0' does not say"),
        Alone("Kestrel:Certificates:Default:Path=none.pfx", "Kestrel:Certificates:Default:Path is 'none.pfx', and there is no such file."),
        Alone("Metrics:Urls=bla", "Metrics:Urls"),
        Alone("OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317", "OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4317'; it must be an http or https URL"),
        Alone("Metrics:Urls=http://127.0.0.1:0", "Metrics:Urls is 'http://127.0.0.1:0'; its ports must be others"),
        Alone("Metrics:Urls=http://metrics:9090", "Metrics:Urls: 'http://metrics:9090' does not say"),
    };

    [Theory]
    [MemberData(nameof(BadSettings))]
    public async Task Bad_settings_stop_the_start_and_are_named((string Setting, string Told)[] settings)
    {
        using var folder = new TempFolder();

        var (exitCode, log) = await ServerProcess.StartRefused(folder.In("data"), settings.Select(bad => bad.Setting));

        AssertToldPlainly(exitCode, log, [.. settings.Select(bad => bad.Told)]);
    }

    [PostgreSqlFact]
    public async Task Bad_settings_of_PostgreSql_stop_the_start_with_the_others()
    {
        using var folder = new TempFolder();

        var (exitCode, log) = await ServerProcess.StartKindRefused(
            folder.In("data"), ServerKind.OnPostgreSql, "Storage:PostgreSql:StatementTimeout=seconds=20", "Cluster:CallTimeout=seconds=20", "Events:MaxReaders=0");

        AssertToldPlainly(exitCode, log, "Storage:PostgreSql:StatementTimeout", "Events:MaxReaders");
    }

    [Fact]
    public async Task A_bad_setting_is_complained_of_once()
    {
        using var folder = new TempFolder();

        var (_, log) = await ServerProcess.StartRefused(folder.In("data"), "Events:Retention=seconds=1");

        Assert.Single(System.Text.RegularExpressions.Regex.Matches(log, "Events:Retention"));
    }

    [Theory]
    [InlineData("--version", "SessionCluster 0.")]
    [InlineData("--help", "Sessions:MaxPerUser")]
    public async Task Questions_are_answered_and_start_nothing(string question, string answer)
    {
        using var folder = new TempFolder();
        foreach (var program in new[] { "SessionCluster.Silo.dll", "SessionCluster.Api.dll" })
        {
            using var asked = new ServerProgram(program, $"Data:Path={folder.In("data")}", question[2..]);
            await asked.Exited().WaitAsync(TimeSpan.FromSeconds(60));

            Assert.Equal(0, asked.ExitCode);
            Assert.StartsWith("SessionCluster 0.", asked.Log, StringComparison.Ordinal);
            Assert.Contains(answer, asked.Log, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(folder.In("data")));
    }

    [Fact]
    public async Task Lines_of_the_log_have_their_moment_and_one_the_version()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.Start(folder.In("data"));

        Assert.Matches(@"(?m)^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: ", server.Log);
        Assert.Matches(@"SessionCluster \d+\.\d+\.\d+ starts\.", server.Log);
    }

    [Fact]
    public async Task One_setting_makes_the_log_json()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.Start(folder.In("data"), "Logging:Console:FormatterName=json");

        var lines = server.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Matches(@"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", line["Timestamp"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("urls=http://0.0.0.0:0", "PublicUrl is not set, and the server listens on http://0.0.0.0:", true)]
    [InlineData("urls=http://127.0.0.1:0", "PublicUrl is not set", false)]
    [InlineData("Login:Url=", "Login:Url is not set: forward auth answers 401", true)]
    [InlineData("Login:Url=/", "Login:Url is '/', the root", true)]
    [InlineData("Login:Url=/login", "Login:Url", false)]
    public async Task The_start_says_what_browsers_will_notice(string setting, string note, bool isThere)
    {
        using var folder = new TempFolder();
        using var program = new ServerProgram("SessionCluster.Silo.dll", $"Data:Path={folder.In("data")}", setting);
        await Poll.Until(() => Task.FromResult(program.Log.Contains("Application started.", StringComparison.Ordinal)));
        await program.Kill();

        Assert.Equal(isThere, program.Log.Contains(note, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_is_refused_is_warned_of_with_the_address_once_a_minute()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.StartKind(folder.In("data"), ServerKind.OnSqlite, "Proxies:Trusted:0=127.0.0.0/8");
        for (var i = 0; i < 5; i++)
        {
            (await server.Api.Get("/api/v3/events/events/", ("Authorization", "Bearer guessed"), ("X-Forwarded-For", "203.0.113.9"))).Is(401);
        }

        await Poll.Until(() => Task.FromResult(server.Log.Contains("wrong_credentials", StringComparison.Ordinal)));
        Assert.Contains("GET /api/v3/events/events/ from 203.0.113.9 was refused (wrong_credentials)", server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP: GET", server.Log, StringComparison.Ordinal);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(server.Log, "wrong_credentials"));
        Assert.DoesNotContain("guessed", server.Log, StringComparison.Ordinal);
        Assert.Contains("sessioncluster_refused_requests_total{reason=\"wrong_credentials\"} 5\n", (await server.Api.Get("/metrics")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forwarding_headers_of_a_stranger_are_warned_of_once()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.StartKind(folder.In("data"), ServerKind.OnSqlite);
        var login = await server.Api.Login(Actions.NewUser());
        for (var i = 0; i < 3; i++)
        {
            (await server.Api.Get("/api/v3/sessions/current/", ("Cookie", login.Cookie), ("X-Forwarded-For", "203.0.113.9"))).Is(200);
        }

        await Poll.Until(() => Task.FromResult(server.Log.Contains("Proxies:Trusted:0", StringComparison.Ordinal)));
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(server.Log, "A request from 127.0.0.1 has X-Forwarded-For or Forwarded, which do not count"));
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

    [Fact]
    public async Task A_start_that_may_open_too_few_files_says_so()
    {
        using var folder = new TempFolder();
        const string Script = "ulimit -n 256; exec \"$0\" exec \"$1\" --Data:Path=\"$2\" --urls=http://127.0.0.1:0";
        string[] args = ["-c", Script, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Path.Combine(AppContext.BaseDirectory, "SessionCluster.Silo.dll"), folder.In("data")];
        using var server = Process.Start(new ProcessStartInfo("sh", args) { RedirectStandardError = true })!;
        var log = await server.StandardError.ReadToEndAsync();
        await server.WaitForExitAsync();

        AssertToldPlainly(server.ExitCode, log, "256 files", "1024", "ulimit -n");
    }

    private static (string Setting, string Told)[] Alone(string setting, string told) => [(setting, told)];

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
