using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Http;

/// <summary>
/// Logins of a server with five rules that each send a webhook for each login, against the same server without rules. The receiver is in
/// this process, so that it takes its share of the machine, too; after each round all is delivered before the next begins.
/// </summary>
internal sealed class LoginsWithAlerts : IComparison
{
    private const int Rules = 5;

    private const int Events = 10_000;

    private const int Users = 200;

    /// <summary>Logins a second of the round that is not at the machine's limit.</summary>
    private const int Paced = 50;

    public string Name => "alerts";

    public string Goal => "logins with five rules that match each of them against logins without rules: mean latency within 5 % at 50 a second; and 10,000 events delivered in order";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        await using var receiver = new Receiver();
        await receiver.Start();
        await using var plain = await ServerProcess.Start("Alerts:AllowPrivateTargets=true");
        await using var alerting = await ServerProcess.Start("Alerts:AllowPrivateTargets=true");
        await AddRules(alerting.Api, receiver.Url);
        var next = 0L;
        var paced = await runner.Alternate(Side("without rules, 50 a second", plain, Pace), Side("five rules, 50 a second", alerting, Pace));
        report.AtMost(Name, "login, mean µs at 50 a second", 1e6 / paced[1].PerSecond, 1e6 / paced[0].PerSecond, 1.05);
        report.Note(Name, "login, p99 µs at 50 a second", paced[1].P99Micros, paced[0].P99Micros);
        var full = await runner.Alternate(Side("without rules, 8 callers", plain, Full), Side("five rules, 8 callers", alerting, Full));
        report.Note(Name, "logins/s of 8 callers, all processors busy", full[1].PerSecond, full[0].PerSecond);

        var start = Stopwatch.GetTimestamp();
        var before = receiver.Count;
        await Parallel.ForAsync(0, Events, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (i, _) => await Logins.MakeOne(alerting.Api, 1_000_000_000 + (i % Users)));
        report.Note(Name, "10,000 logins took, s", Stopwatch.GetElapsedTime(start).TotalSeconds);
        await receiver.Until(before + (Events * Rules));
        report.Note(Name, "50,000 webhooks of them were delivered after, s", Stopwatch.GetElapsedTime(start).TotalSeconds);
        report.Limit(Name, "webhooks out of order or missing", receiver.Faults + (receiver.Count - before - (Events * Rules)), 0);

        Side Side(string name, ServerProcess server, Func<ServerProcess, TimeSpan, Task<Sample>> round) => new(name, async length =>
        {
            var (sent, logins) = (receiver.Count, next);
            var sample = await round(server, length);
            if (server == alerting)
            {
                await receiver.Until(sent + (int)((next - logins) * Rules));
            }

            return sample;
        });

        Task<Sample> Full(ServerProcess server, TimeSpan length) =>
            Load.Run(length, _ => Logins.MakeOne(server.Api, Interlocked.Increment(ref next)), callers: 8);

        // One after the other, each at its moment: what is told is how long one takes, as so many a second.
        async Task<Sample> Pace(ServerProcess server, TimeSpan length)
        {
            var (began, times) = (Stopwatch.GetTimestamp(), new List<double>());
            for (var i = 0; Stopwatch.GetElapsedTime(began) < length; i++)
            {
                var wait = TimeSpan.FromSeconds((double)i / Paced) - Stopwatch.GetElapsedTime(began);
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
                var since = Stopwatch.GetTimestamp();
                await Logins.MakeOne(server.Api, Interlocked.Increment(ref next));
                times.Add(Stopwatch.GetElapsedTime(since).TotalMicroseconds);
            }

            times.Sort();
            return new Sample(1e6 / times.Average(), times[(int)(times.Count * 0.99)]);
        }
    }

    private static async Task AddRules(HttpClient api, Uri receiver)
    {
        var transport = await Create("events/transports/", new { name = "bench", mode = "webhook", webhook_url = receiver });
        var matcher = await Create("policies/event_matcher/", new { name = "bench", query = "action = \"login\"" });
        for (var i = 0; i < Rules; i++)
        {
            var rule = await Create("events/rules/", new { name = $"bench-{i}", transports = new[] { transport } });
            await Create("policies/bindings/", new { target = rule, policy = matcher, order = 0 });
        }

        async Task<string> Create(string path, object body)
        {
            using var answer = await api.PostAsJsonAsync($"/api/v3/{path}", body);
            answer.EnsureSuccessStatusCode();
            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("pk").GetString()!;
        }
    }

    /// <summary>Takes webhooks, and counts what came in another order than its user's events happened.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private readonly ConcurrentDictionary<string, string> _latest = new();

        private int _count;

        private int _faults;

        public Receiver()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _app = builder.Build();
            _app.Run(async context =>
            {
                var body = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body);
                var (user, created) = (body.GetProperty("user_username").GetString()!, body.GetProperty("event").GetProperty("created").GetString()!);
                _latest.AddOrUpdate(user, created, (_, before) =>
                {
                    if (string.CompareOrdinal(created, before) < 0)
                    {
                        Interlocked.Increment(ref _faults);
                    }

                    return created;
                });
                Interlocked.Increment(ref _count);
                context.Response.StatusCode = StatusCodes.Status204NoContent;
            });
        }

        public Uri Url => new(_app.Urls.First());

        public int Count => Volatile.Read(ref _count);

        public int Faults => Volatile.Read(ref _faults);

        public Task Start() => _app.StartAsync();

        public async Task Until(int count)
        {
            while (Count < count)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
