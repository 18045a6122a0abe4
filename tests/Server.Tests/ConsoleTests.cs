using System.Net;

namespace SessionCluster.Server.Tests;

/// <summary>The console's cookie over several processes and their ends.</summary>
public sealed class ConsoleTests
{
    [PostgreSqlFact]
    public async Task A_cookie_that_is_signed_out_at_one_process_is_refused_by_every_other()
    {
        using var cluster = new ProcessCluster();
        ClusterProcess[] processes = [cluster.Member(), cluster.Member(), cluster.Api()];
        await ProcessCluster.Start(processes);
        using var console = new ConsoleBrowser();

        for (var number = 0; number < processes.Length; number++)
        {
            var cookie = await console.SignIn(processes[number].Url, TestStorage.Key);
            foreach (var process in processes)
            {
                Assert.Equal(HttpStatusCode.OK, await console.Open(process.Url, cookie));
            }

            await console.SignOut(processes[(number + 1) % processes.Length].Url, cookie);

            foreach (var process in processes)
            {
                Assert.Equal(HttpStatusCode.Unauthorized, await console.Open(process.Url, cookie));
            }
        }
    }

    [Fact]
    public async Task The_one_process_on_SQLite_shows_no_port_that_nobody_listens_on()
    {
        using var folder = new TempFolder();
        using var console = new ConsoleBrowser();
        await using var server = await ServerProcess.StartKind(folder.Path, ServerKind.OnSqlite);

        var (_, page) = await console.Read(server.Url, await console.SignIn(server.Url, server.Api.Key), "/admin/cluster/");

        Assert.Contains("SQLite, one process", page, StringComparison.Ordinal);
        Assert.Contains("listens to no other", page, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_that_is_signed_out_stays_so_after_a_crash()
    {
        using var folder = new TempFolder();
        using var console = new ConsoleBrowser();
        string cookie, other;
        await using (var first = await ServerProcess.Start(folder.Path))
        {
            (cookie, other) = (await console.SignIn(first.Url, first.Api.Key), await console.SignIn(first.Url, first.Api.Key));
            await console.SignOut(first.Url, cookie);
            await first.Kill();
        }

        await using var second = await ServerProcess.Start(folder.Path);

        Assert.Equal(HttpStatusCode.Unauthorized, await console.Open(second.Url, cookie));
        Assert.Equal(HttpStatusCode.OK, await console.Open(second.Url, other));
    }
}

/// <summary>Sends the console's forms as a browser does.</summary>
internal sealed class ConsoleBrowser : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    /// <summary>Signs in; the cookie.</summary>
    public async Task<string> SignIn(Uri server, string key)
    {
        using var answer = await Post(new Uri(server, "/admin/signin/"), null, new() { ["key"] = key });
        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    public Task SignOut(Uri server, string cookie) => Send(server, cookie, "/admin/signout/");

    /// <summary>Sends a form without fields.</summary>
    public async Task Send(Uri server, string cookie, string path)
    {
        using var answer = await Post(new Uri(server, path), cookie, []);
    }

    /// <summary>Opens a page of the console; the status.</summary>
    public async Task<HttpStatusCode> Open(Uri server, string cookie) => (await Read(server, cookie, "/admin/stages/")).Status;

    /// <summary>Opens a page of the console.</summary>
    public async Task<(HttpStatusCode Status, string Page)> Read(Uri server, string cookie, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, path));
        request.Headers.Add("Cookie", cookie);
        using var answer = await _http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> Post(Uri url, string? cookie, Dictionary<string, string> fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        var answer = await _http.SendAsync(request);
        Assert.True(answer.StatusCode is HttpStatusCode.SeeOther or HttpStatusCode.OK, $"{url} was answered {answer.StatusCode}.");
        return answer;
    }
}
