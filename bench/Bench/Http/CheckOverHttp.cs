using SessionCluster.Bench.Rounds;
using SessionCluster.Testing.PostgreSql;

namespace SessionCluster.Bench.Http;

/// <summary>Which process answers.</summary>
internal enum Place
{
    /// <summary>The default process, on SQLite.</summary>
    Alone = 0,

    /// <summary>One of three members on PostgreSQL.</summary>
    Member = 1,

    /// <summary>An Api beside three members.</summary>
    Api = 2,
}

/// <summary>A check over HTTP against constant bytes of the same size from the same process, asked by the same script.</summary>
/// <param name="name">How the command line calls it.</param>
/// <param name="path">What is asked.</param>
/// <param name="place">Which process is asked.</param>
/// <param name="sessions">So many sessions are asked for in turn, each of a user of its own.</param>
/// <param name="least">The share of the constant's requests a second that the project wants.</param>
internal abstract class CheckOverHttp(string name, string path, Place place, int sessions, double least) : IComparison
{
    public string Name => name;

    public string Goal => $"{path}, {sessions} sessions, against a constant answer of its size: at least {least:0.00} of its requests a second, p99 at most twice";

    public string? Missing => Wrk.Missing ?? (place == Place.Alone ? null : PostgreSqlServer.WhyNot);

    /// <summary>The HTTP method.</summary>
    protected abstract string Method { get; }

    /// <summary>The header that carries the session, if any does.</summary>
    protected abstract string SessionHeader { get; }

    public async Task Run(Runner runner, Report report)
    {
        await using var cluster = place == Place.Alone ? null : await MeasuredCluster.Start(members: 3, apis: place == Place.Api ? 1 : 0);
        await using var alone = cluster is null ? await ServerProcess.Start() : null;
        var server = alone ?? cluster!.All[^1];
        var logins = await Logins.Make(server.Api, sessions);
        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, [Method, SessionHeader, .. logins.Select(login => $"{HeaderValue(login.Token)}\t{Body(login.Token)}")]);
        var size = await PutConstant(server, logins[0].Token);
        var header = FixedHeader(server.Key);
        var sides = new List<Side>
        {
            new($"check ({size} bytes)", length => Ask(path, length)),
            new("constant", length => Ask(MeasuredHost.ConstantPath, length)),
        };
        if (Body(logins[0].Token).Length > 0)
        {
            sides.Add(new("constant that reads the body", length => Ask(MeasuredHost.ReadingPath, length)));
        }

        if (cluster is not null)
        {
            // Members share what sessions ask for: until each of them runs its best code, it takes as many times longer.
            await Ask(path, TimeSpan.FromMinutes(1));
        }

        var medians = await runner.Alternate(sides);
        await Logins.Check(server.Api, logins);
        var (ours, constant) = (medians[0], medians[1]);
        File.Delete(file);
        report.AtLeast(name, "requests/s", ours.PerSecond, constant.PerSecond, least);
        if (medians.Count > 2)
        {
            report.Note(name, "requests/s, the constant that reads the body", ours.PerSecond, medians[2].PerSecond);
        }

        report.AtMost(name, "p99, µs", ours.P99Micros, constant.P99Micros, 2);

        // While the other side has its round, shares are over. A running system has them: each side begins a moment before it is measured.
        async Task<Sample> Ask(string at, TimeSpan length)
        {
            await Wrk.Ask(server.Url, at, file, TimeSpan.FromSeconds(1), header);
            return await Wrk.Ask(server.Url, at, file, length, header);
        }
    }

    /// <summary>The value of <see cref="SessionHeader"/> for a session.</summary>
    protected abstract string HeaderValue(string token);

    /// <summary>The body for a session; empty for none.</summary>
    protected abstract string Body(string token);

    /// <summary>The header that all requests carry.</summary>
    protected abstract (string Name, string Value) FixedHeader(string key);

    private async Task<int> PutConstant(ServerProcess server, string token)
    {
        using var client = new HttpClient { BaseAddress = server.Url };
        using var request = new HttpRequestMessage(new HttpMethod(Method), path);
        if (SessionHeader.Length > 0)
        {
            request.Headers.TryAddWithoutValidation(SessionHeader, HeaderValue(token));
        }

        var (name, value) = FixedHeader(server.Key);
        request.Headers.TryAddWithoutValidation(name, value);
        request.Content = Body(token) is { Length: > 0 } body ? new StringContent(body, null, "application/json") : null;
        using var answer = (await client.SendAsync(request)).EnsureSuccessStatusCode();
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        using var put = await client.PutAsync(MeasuredHost.ConstantPath, new ByteArrayContent(bytes));
        put.EnsureSuccessStatusCode();
        return bytes.Length;
    }
}

/// <summary>A browser's check by its cookie.</summary>
internal sealed class CurrentByCookie(string suffix = "", Place place = Place.Alone, int sessions = 500, double least = 0.90)
    : CheckOverHttp("current-cookie" + suffix, "/api/v3/sessions/current/", place, sessions, least)
{
    protected override string Method => "GET";

    protected override string SessionHeader => "Cookie";

    protected override string HeaderValue(string token) => $"sessioncluster_session={token}";

    protected override string Body(string token) => "";

    protected override (string Name, string Value) FixedHeader(string key) => ("User-Agent", Logins.UserAgent);
}

/// <summary>A front end's check with its key.</summary>
internal sealed class ValidateByService(string suffix = "", Place place = Place.Alone, int sessions = 500, double least = 0.90)
    : CheckOverHttp("validate" + suffix, "/api/v3/sessions/validate/", place, sessions, least)
{
    protected override string Method => "POST";

    protected override string SessionHeader => "";

    protected override string HeaderValue(string token) => "";

    protected override string Body(string token) =>
        $$$"""{"token":"{{{token}}}","client":{"ip":"{{{Logins.Ip}}}","user_agent":"{{{Logins.UserAgent}}}","method":"GET","path":"/orders/17"}}""";

    protected override (string Name, string Value) FixedHeader(string key) => ("Authorization", $"Bearer {key}");
}
