using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>The sample and the example, each as the process that its reader starts.</summary>
[Collection(nameof(SessionServer))]
public sealed partial class SampleTests(SessionServer server)
{
    private static readonly (string, string) Own = ("Sec-Fetch-Site", "same-origin");

    [Fact]
    public async Task The_sample_signs_in_shows_sessions_and_ends_another_browsers()
    {
        using var program = new ServerProgram(
            "WebApp.dll", $"contentRoot={Source.In("samples/WebApp")}", $"SessionCluster:Address={server.Process.Url}", "SessionCluster:ApiKeyFile=", $"SessionCluster:ApiKey={server.Api.Key}");
        try
        {
            var url = await program.Url.WaitAsync(TimeSpan.FromSeconds(60));
            using var one = NewBrowser(url);
            using var two = NewBrowser(url);
            Assert.Contains("Nobody is signed in", await one.GetStringAsync("/"), StringComparison.Ordinal);
            var asked = await Send(one, HttpMethod.Get, "/diary", ("Accept", "text/html"));
            Assert.Equal("/login?returnUrl=%2Fdiary", asked.Headers.Location!.OriginalString);
            Assert.Equal(HttpStatusCode.Forbidden, (await Login(one, "jane", ("Origin", "https://evil.example"))).StatusCode);
            Assert.Contains("is wrong", await (await Login(one, "nobody", Own)).Content.ReadAsStringAsync(), StringComparison.Ordinal);

            (await server.Api.Post("/api/v3/users/2/deactivate/")).Is(200);
            Assert.Contains("You may not sign in.", await (await Login(one, "john", Own)).Content.ReadAsStringAsync(), StringComparison.Ordinal);

            Assert.Equal("/diary", (await Login(one, "jane", Own)).Headers.Location!.OriginalString);
            Assert.Equal("/diary", (await Login(two, "jane", Own)).Headers.Location!.OriginalString);

            Assert.Contains("Diary of Jane Doe", await one.GetStringAsync("/diary"), StringComparison.Ordinal);
            var end = EndForm().Match(await one.GetStringAsync("/sessions")).Groups[1].Value;
            var ended = await Send(one, HttpMethod.Post, end, new FormUrlEncodedContent([new("returnUrl", "/sessions")]), Own);
            Assert.Equal((HttpStatusCode.SeeOther, "/sessions"), (ended.StatusCode, ended.Headers.Location!.OriginalString));
            Assert.Equal(HttpStatusCode.Unauthorized, (await Send(two, HttpMethod.Get, "/diary")).StatusCode);
            Assert.Contains("color-scheme", await one.GetStringAsync("/style.css"), StringComparison.Ordinal);
            Assert.Equal("Healthy", await one.GetStringAsync("/health"));
        }
        finally
        {
            await program.Kill();
        }

        static Task<HttpResponseMessage> Login(HttpClient browser, string name, (string, string) header) => Send(
            browser, HttpMethod.Post, "/login?returnUrl=/diary", new FormUrlEncodedContent([new("username", name), new("password", name)]), header);
    }

    /// <summary>As the README has it, and as who opens its folder starts it: with its own settings and files.</summary>
    [Theory]
    [InlineData(".", "--project", "samples/WebApp")]
    [InlineData("samples/WebApp")]
    public async Task The_sample_starts_by_dotnet_run_from_the_repositorys_folder_and_from_its_own(string folder, params string[] project)
    {
        // The last part of artifacts/bin/<project>/<configuration>.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        using var program = Source.Start(
            Source.In(folder), "dotnet", [],
            ["run", .. project, "--no-build", "-c", configuration, "--", "--urls=http://127.0.0.1:0", $"--SessionCluster:ApiKey={server.Api.Key}", "--SessionCluster:ApiKeyFile="]);
        try
        {
            using var browser = NewBrowser(await Listening(program.StandardOutput));
            Assert.Contains("Nobody is signed in", await browser.GetStringAsync("/"), StringComparison.Ordinal);
            Assert.Contains("color-scheme", await browser.GetStringAsync("/style.css"), StringComparison.Ordinal);
        }
        finally
        {
            program.Kill(entireProcessTree: true);
        }

        var settings = JsonNode.Parse(await File.ReadAllTextAsync(Source.In("samples/WebApp/appsettings.json")))!;
        Assert.Equal(Source.In("data/api-key"), Path.GetFullPath(settings["SessionCluster"]!["ApiKeyFile"]!.GetValue<string>(), Source.In("samples/WebApp")));

        static async Task<Uri> Listening(StreamReader output)
        {
            while (await output.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)) is { } line)
            {
                if (line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal) is >= 0 and var begin)
                {
                    return new Uri(line[begin..]);
                }
            }

            throw new InvalidOperationException("The sample ended before it listened.");
        }
    }

    [NodeFact]
    public async Task The_example_for_node_signs_in_refuses_what_has_ended_and_answers_503_without_the_server()
    {
        using var folder = new TempFolder();
        await using var process = await ServerProcess.StartKind(folder.In("data"), ServerKind.OnSqlite);
        var environment = new Dictionary<string, string>
        {
            ["PORT"] = "0", ["SESSIONCLUSTER_ADDRESS"] = process.Url.ToString(), ["SESSIONCLUSTER_API_KEY"] = process.Api.Key, ["TRUSTED_PROXIES"] = "127.0.0.1",
        };
        using var node = Source.Start(Source.Folder, "node", environment, "examples/node-bff/server.mjs");
        try
        {
            var url = new Uri((await node.StandardOutput.ReadLineAsync())!);
            using var one = NewBrowser(url);
            using var two = NewBrowser(url);
            Assert.Equal(HttpStatusCode.Unauthorized, (await one.GetAsync("/me")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await Post(one, "/login", new { username = "jane", password = "wrong" })).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await Send(one, HttpMethod.Post, "/login", JsonContent.Create(new { username = "jane", password = "jane" }))).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await Post(one, "/login", new { username = "jane", password = "jane" })).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await Post(two, "/login", new { username = "jane", password = "jane" })).StatusCode);
            Assert.Equal("jane", JsonNode.Parse(await one.GetStringAsync("/me"))!["user"]!["username"]!.GetValue<string>());

            var other = JsonNode.Parse(await one.GetStringAsync("/sessions"))!.AsArray().Single(s => !s!["current"]!.GetValue<bool>())!;
            Assert.Equal(HttpStatusCode.OK, (await Post(one, $"/sessions/{other["uuid"]}/end", new { })).StatusCode);
            Assert.Equal("""{"reason":"revoked"}""", await (await two.GetAsync("/me")).Content.ReadAsStringAsync());
            Assert.Equal(HttpStatusCode.OK, (await Post(two, "/login", new { username = "jane", password = "jane" })).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await Post(one, "/sessions/end-others", new { })).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await two.GetAsync("/me")).StatusCode);

            Assert.Equal(HttpStatusCode.OK, (await Post(two, "/login", new { username = "john", password = "john" })).StatusCode);
            var left = await Post(two, "/logout", new { });
            Assert.Contains("Max-Age=0", Assert.Single(left.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);

            await process.Kill();
            var away = await one.GetAsync("/me");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, away.StatusCode);
            Assert.NotNull(away.Headers.RetryAfter);
        }
        finally
        {
            node.Kill();
        }

        static Task<HttpResponseMessage> Post(HttpClient browser, string path, object body) => Send(browser, HttpMethod.Post, path, JsonContent.Create(body), Own);
    }

    /// <summary>In Node, with as much of a browser as the script asks for. Another tab may have signed in again when the session is over.</summary>
    [NodeTheory]
    [InlineData(200, true, "again")]
    [InlineData(200, false, "/login?reason=revoked&returnUrl=%2Fdiary")]
    [InlineData(401, false, "/login?reason=revoked&returnUrl=%2Fdiary")]
    public async Task The_samples_open_tab_connects_again_after_a_503_and_when_it_comes_back_and_hears_nothing_while_it_leaves_or_is_hidden(int status, bool current, string led)
    {
        using var folder = new TempFolder();
        var script = folder.Write("tab.mjs", System.Text.Encoding.UTF8.GetBytes($$"""
            import { readFileSync } from "node:fs";
            import { runInNewContext } from "node:vm";
            const [streams, listeners, timers, asked] = [[], {}, [], []];
            class EventSource {
              static CLOSED = 2;
              constructor(url) { Object.assign(this, { url, readyState: 1, on: {} }); streams.push(this); }
              addEventListener(name, what) { this.on[name] = what; }
              close() { this.readyState = 2; }
            }
            const setTimeout = (what) => timers.push(what), clearTimeout = (id) => { if (id) timers[id - 1] = () => {}; };
            const addEventListener = (name, what) => { listeners[name] = what; };
            const location = { pathname: "/diary", assign: (url) => { location.href = url; }, reload: () => { location.href = "again"; } };
            const fetch = async (url) => { asked.push(url); return { ok: {{status}} === 200, json: async () => [{ current: false }, { current: {{(current ? "true" : "false")}} }] }; };
            const document = { addEventListener, currentScript: { dataset: { events: "/account/events", sessions: "/account/sessions", login: "/login" } } };
            runInNewContext(readFileSync("{{Source.In("samples/WebApp/wwwroot/live.js")}}", "utf8"), { EventSource, setTimeout, clearTimeout, addEventListener, fetch, location, document });
            const open = () => streams.filter((stream) => stream.readyState === 1).length, said = [open()];
            streams[0].on.error(); said.push(timers.length); // cut off: the browser connects again by itself
            streams[0].close(); streams[0].on.error();      // a 503
            timers[0](); said.push(open());
            listeners.beforeunload(); said.push(open());    // a form that ends the session: its answer is still to come
            timers.at(-1)(); said.push(open());             // a download
            listeners.pagehide(); said.push(open());
            listeners.pageshow({ persisted: true }); said.push(open());
            const see = (seen) => { document.hidden = !seen; listeners.visibilitychange(); said.push(open()); };
            see(false); see(true); listeners.submit(); see(true); see(false); timers.at(-1)(); said.push(open()); see(true);
            streams.at(-1).on.ended(); said.push(open());
            listeners.submit(); timers.at(-2)();            // goes elsewhere itself, in Safari on iOS
            said.push(asked.length);
            timers.at(-1)(); streams.at(-1).on.ended(); timers.at(-1)();
            await new Promise((done) => globalThis.setTimeout(done, 50));
            console.log([...said, ...asked, location.href].join(" "));
            """));

        Assert.Equal($"1 0 1 0 1 0 1 0 1 0 0 0 1 0 0 /account/sessions {led}\n", await Source.Run(Source.Folder, "node", script));
    }

    /// <summary>The same for the server's own pages, where a tab that hears nothing any more asks why.</summary>
    [NodeTheory]
    [InlineData(401, "1 1 /account/sessions/ 0 1 0 undefined 0 0 0 /account/sessions/")]
    [InlineData(503, "1 2 undefined 0 1 0 undefined 0 0 1 undefined")]
    [InlineData(0, "1 2 undefined 0 1 0 undefined 0 0 1 undefined")]
    public async Task The_servers_open_tab_asks_why_its_stream_is_over(int status, string said)
    {
        using var folder = new TempFolder();
        var script = folder.Write("page.mjs", System.Text.Encoding.UTF8.GetBytes($$"""
            import { readFileSync } from "node:fs";
            import { runInNewContext } from "node:vm";
            const [streams, listeners, timers, location] = [[], {}, [], {}];
            const addEventListener = (name, what) => { listeners[name] = what; };
            class EventSource {
              static CLOSED = 2;
              constructor(url) { Object.assign(this, { url, readyState: 1, on: {} }); streams.push(this); }
              addEventListener(name, what) { this.on[name] = what; }
              close() { this.readyState = 2; }
            }
            location.replace = (url) => { location.href = url; };
            const document = { addEventListener, querySelector: (what) => what === "[data-session-events]" ? { dataset: { sessionEvents: "/events", ended: "/account/sessions/" } } : null };
            const fetch = async () => { if ({{status}} === 0) throw new TypeError(); return { status: {{status}} }; };
            runInNewContext(readFileSync("{{Source.In("src/Api/Pages/Assets/live.js")}}", "utf8"), { window: { EventSource }, EventSource, AbortController, fetch, addEventListener, setTimeout: (what) => timers.push(what), clearTimeout: () => {}, location, document });
            streams[0].on.error();                          // cut off: the browser connects again by itself
            streams[0].close(); streams[0].on.error(); timers[0](); // whatever is no stream
            await new Promise((done) => setTimeout(done, 50));
            const said = [timers.length, streams.length, location.href];
            listeners.beforeunload();                       // a form that ends the session: its answer is still to come
            const open = () => streams.filter((stream) => stream.readyState === 1).length;
            said.push(open()); location.href = undefined;
            timers.at(-1)(); said.push(open());             // a download
            streams.at(-1).close(); streams.at(-1).on.error(); timers.at(-1)();
            listeners.submit();                             // while the tab asks, in Safari on iOS
            await new Promise((done) => setTimeout(done, 50));
            said.push(open(), location.href); timers.at(-1)(); location.href = undefined;
            for (document.hidden of [true, false]) { listeners.visibilitychange(); said.push(open()); }
            await new Promise((done) => setTimeout(done, 50));
            console.log([...said, open(), location.href].map(String).join(" "));
            """));

        Assert.Equal(said + "\n", await Source.Run(Source.Folder, "node", script));
    }

    /// <summary>A refused call says nothing of a session: nobody is told that it has ended, and no ending is told that did not happen.</summary>
    [NodeFact]
    public async Task The_example_for_node_tells_nobody_what_the_server_did_not_say()
    {
        await using var stub = await TestApp.StartAny(_ => { }, app =>
        {
            app.MapPost("/api/v3/sessions/validate/", (HttpRequest request) => request.Headers.Authorization.ToString() switch
            {
                "Bearer validates" => Results.Json(new { active = true, session = new { uuid = Guid.Empty }, user = new { pk = 1 } }),
                "Bearer other" => Results.Json(new { status = "fine" }),
                "Bearer null" => Results.Text("null", "application/json"),
                _ => Results.Json(new { type = "unauthenticated" }, statusCode: 401),
            });
            app.MapFallback(() => Results.Json(new { type = "forbidden" }, statusCode: 403));
        });
        foreach (var key in new[] { "wrong", "other", "null", "validates" })
        {
            var environment = new Dictionary<string, string> { ["PORT"] = "0", ["SESSIONCLUSTER_ADDRESS"] = stub.Url.ToString(), ["SESSIONCLUSTER_API_KEY"] = key };
            using var node = Source.Start(Source.Folder, "node", environment, "examples/node-bff/server.mjs");
            try
            {
                using var browser = NewBrowser(new Uri((await node.StandardOutput.ReadLineAsync())!));
                browser.DefaultRequestHeaders.Add("Cookie", "sessioncluster_session=token");
                Assert.Equal(key == "validates" ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, (await browser.GetAsync("/me")).StatusCode);
                foreach (var path in new[] { "/logout", "/sessions/end-others", $"/sessions/{Guid.NewGuid()}/end", "/login" })
                {
                    var answer = await Send(browser, HttpMethod.Post, path, JsonContent.Create(new { username = "jane", password = "jane" }), Own);
                    Assert.Equal((path, HttpStatusCode.ServiceUnavailable), (path, answer.StatusCode));
                }
            }
            finally
            {
                node.Kill();
            }
        }
    }

    private static string? NoNode()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Any(folder => File.Exists(Path.Combine(folder, "node")) || File.Exists(Path.Combine(folder, "node.exe"))) ? null : "Node.js is not installed.";
    }

    /// <summary>Skipped, with the reason, where there is no Node.js.</summary>
    private sealed class NodeFactAttribute : FactAttribute
    {
        public NodeFactAttribute() => Skip = NoNode();
    }

    /// <summary>The same for several rows.</summary>
    private sealed class NodeTheoryAttribute : TheoryAttribute
    {
        public NodeTheoryAttribute() => Skip = NoNode();
    }

    private static HttpClient NewBrowser(Uri url) => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = url };

    private static Task<HttpResponseMessage> Send(HttpClient browser, HttpMethod method, string path, params (string Name, string Value)[] headers) =>
        Send(browser, method, path, null, headers);

    private static async Task<HttpResponseMessage> Send(HttpClient browser, HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await browser.SendAsync(request);
    }

    [GeneratedRegex("action=\"(/account/sessions/[0-9a-f-]{36}/end)\"")]
    private static partial Regex EndForm();
}
