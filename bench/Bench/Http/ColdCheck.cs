using System.Globalization;
using System.Net.Http.Json;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Http;

/// <summary>A check of a session that is not in memory: activation of its grain and its user's, and their reads from SQLite.</summary>
internal sealed class ColdCheck : IComparison
{
    private const int Sessions = 2_000;

    public string Name => "cold";

    public string Goal => "a check of a session that is not in memory, against one that is; inside the process, one after the other";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        await using var server = await ServerProcess.Start();
        var sessions = (await Logins.Make(server.Api, Sessions)).Select(login => login.Session).ToArray();
        var medians = await runner.Alternate(
            new Side("cold", _ => Check(server, sessions, cold: true)), new Side("warm", _ => Check(server, sessions, cold: false)));
        report.Note(Name, "µs a check, cold and warm", 1_000_000 / medians[0].PerSecond, 1_000_000 / medians[1].PerSecond);
    }

    private static async Task<Sample> Check(ServerProcess server, Guid[] sessions, bool cold)
    {
        using var answer = await server.Api.PostAsJsonAsync($"{MeasuredHost.ChecksPath}?cold={cold}", sessions);
        var micros = double.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(), CultureInfo.InvariantCulture);
        return new Sample(sessions.Length * 1_000_000 / micros);
    }
}
