using System.Diagnostics;
using System.Text.RegularExpressions;
using SessionCluster.Server.Tests.Proxies;

namespace SessionCluster.Server.Tests;

/// <summary>What a running process shows of itself.</summary>
[Trait("Server", "Own")]
public sealed partial class MetricsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_meters_are_those_of_the_documents_from_the_start()
    {
        await using var server = await ServerProcess.StartKind(_folder.In("data"), ServerKind.OnSqlite);

        var before = await Until("sessioncluster_sessions_live 0\n");

        // A histogram has nothing to show before the first of its kind, and some are of PostgreSQL.
        var table = (await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "metrics.md"))).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var documented = table.Where(line => !line.Contains("| histogram |", StringComparison.Ordinal) && !line.Contains("(PostgreSQL)", StringComparison.Ordinal)).Select(line => line.Split('`')[1]);
        Assert.Equal(documented.Order(StringComparer.Ordinal), Own().Matches(before).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
        foreach (var label in table.SelectMany(line => Labels().Matches(line.Split('|')[3])).SelectMany(match => match.Groups[2].Value.Split(", ").Select(value => $"{match.Groups[1].Value}=\"{value.Trim()}\"")))
        {
            Assert.Contains(label, before, StringComparison.Ordinal);
        }

        var login = await server.Api.Login(Actions.NewUser());
        Assert.Null(await server.Api.WhyNot(login.Token));
        var after = await Until("sessioncluster_sessions_live 1\n");
        Assert.Matches("sessioncluster_database_log_size_bytes [1-9]", after);
        Assert.Matches("http_server_request_duration_seconds_count[{].*http_route=\"/api/v3/sessions/validate/\".*[}] 1\n", after);

        // The database is counted every ten seconds, and not at all while it takes long.
        async Task<string> Until(string line)
        {
            var text = "";
            await Poll.Until(async () => (text = (await server.Api.Get("/metrics")).Is(200).Text).Contains(line, StringComparison.Ordinal));
            return text;
        }
    }

    [PromtoolFact]
    public async Task Promtool_accepts_the_meters_of_a_process_that_is_used()
    {
        await using var server = await ServerProcess.StartKind(_folder.In("data"), ServerKind.OnSqlite);
        Assert.Null(await server.Api.WhyNot((await server.Api.Login(Actions.NewUser())).Token));
        var metrics = (await server.Api.Get("/metrics")).Is(200).Text;

        using var promtool = Process.Start(new ProcessStartInfo("promtool", "check metrics") { RedirectStandardInput = true, RedirectStandardError = true })!;
        await promtool.StandardInput.WriteAsync(metrics);
        promtool.StandardInput.Close();
        var complaints = await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.Equal((0, ""), (promtool.ExitCode, complaints));
    }

    [Fact]
    public async Task Meters_and_health_have_a_port_of_their_own_where_it_is_set()
    {
        var port = TestPorts.Free();
        using var program = new ServerProgram("SessionCluster.Silo.dll", $"Data:Path={_folder.In("data")}", $"Metrics:Urls=http://127.0.0.1:{port}",
            // As .NET's images set it; the URLs win.
            "http_ports=8080");
        try
        {
            using var main = new ApiClient([await program.Url.WaitAsync(TimeSpan.FromSeconds(60))], "none");
            using var apart = new ApiClient([new Uri($"http://127.0.0.1:{port}")], "none");

            foreach (var path in new[] { "/metrics", "/health/live", "/health" })
            {
                (await apart.Get(path)).Is(200);
                (await main.Get(path)).Is(404);
                (await main.Get(path, ("Host", $"127.0.0.1:{port}"))).Is(404);
            }

            Assert.DoesNotContain("/health/", (await main.Get("/")).Is(200).Text, StringComparison.Ordinal);
            Assert.Equal("not-found", (await apart.Get("/")).Is(404).Problem);
            (await apart.TryLogin("1")).Is(404);
            (await main.Get("/")).Is(200);
        }
        finally
        {
            await program.Kill();
        }
    }

    [GeneratedRegex("# TYPE (sessioncluster_\\w+) ")]
    private static partial Regex Own();

    [GeneratedRegex("`(\\w+)`: ([a-z_, ]+)")]
    private static partial Regex Labels();

    /// <summary>A fact that is skipped, with the reason, where promtool (Debian package prometheus) is not installed.</summary>
    private sealed class PromtoolFactAttribute : FactAttribute
    {
        public PromtoolFactAttribute() => Skip = ProxyProgram.WhyNot("promtool");
    }
}
