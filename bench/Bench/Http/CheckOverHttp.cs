using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Http;

/// <summary>A check over HTTP against constant bytes of the same size from the same process, asked by the same script.</summary>
internal abstract class CheckOverHttp(string name, string path) : IComparison
{
    /// <summary>So many sessions are asked for in turn, each of a user of its own.</summary>
    private const int Sessions = 500;

    public string Name => name;

    public string Goal => $"{path} against a constant answer of its size: at least 0.90 of its requests a second, p99 at most twice";

    public string? Missing => Wrk.Missing;

    /// <summary>The HTTP method.</summary>
    protected abstract string Method { get; }

    /// <summary>The header that carries the session, if any does.</summary>
    protected abstract string SessionHeader { get; }

    public async Task Run(Runner runner, Report report)
    {
        await using var server = await ServerProcess.Start();
        var logins = await Logins.Make(server.Api, Sessions);
        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, [Method, SessionHeader, .. logins.Select(login => $"{HeaderValue(login.Token)}\t{Body(login.Token)}")]);
        var size = await PutConstant(server, logins[0].Token);
        var header = FixedHeader(server.Key);
        var sides = new List<Side>
        {
            new($"check ({size} bytes)", length => Wrk.Ask(server.Url, path, file, length, header)),
            new("constant", length => Wrk.Ask(server.Url, MeasuredHost.ConstantPath, file, length, header)),
        };
        if (Body(logins[0].Token).Length > 0)
        {
            sides.Add(new("constant that reads the body", length => Wrk.Ask(server.Url, MeasuredHost.ReadingPath, file, length, header)));
        }

        var medians = await runner.Alternate(sides);
        var (ours, constant) = (medians[0], medians[1]);
        File.Delete(file);
        report.AtLeast(name, "requests/s", ours.PerSecond, constant.PerSecond, 0.90);
        if (medians.Count > 2)
        {
            report.Note(name, "requests/s, the constant that reads the body", ours.PerSecond, medians[2].PerSecond);
        }

        report.AtMost(name, "p99, µs", ours.P99Micros, constant.P99Micros, 2);
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
internal sealed class CurrentByCookie() : CheckOverHttp("current-cookie", "/api/v3/sessions/current/")
{
    protected override string Method => "GET";

    protected override string SessionHeader => "Cookie";

    protected override string HeaderValue(string token) => $"sessioncluster_session={token}";

    protected override string Body(string token) => "";

    protected override (string Name, string Value) FixedHeader(string key) => ("User-Agent", Logins.UserAgent);
}

/// <summary>A person's check by token.</summary>
internal sealed class CurrentByToken() : CheckOverHttp("current-token", "/api/v3/sessions/current/")
{
    protected override string Method => "GET";

    protected override string SessionHeader => "Authorization";

    protected override string HeaderValue(string token) => $"Session {token}";

    protected override string Body(string token) => "";

    protected override (string Name, string Value) FixedHeader(string key) => ("User-Agent", Logins.UserAgent);
}

/// <summary>A front end's check with its key.</summary>
internal sealed class ValidateByService() : CheckOverHttp("validate", "/api/v3/sessions/validate/")
{
    protected override string Method => "POST";

    protected override string SessionHeader => "";

    protected override string HeaderValue(string token) => "";

    protected override string Body(string token) =>
        $$$"""{"token":"{{{token}}}","client":{"ip":"{{{Logins.Ip}}}","user_agent":"{{{Logins.UserAgent}}}","method":"GET","path":"/orders/17"}}""";

    protected override (string Name, string Value) FixedHeader(string key) => ("Authorization", $"Bearer {key}");
}
