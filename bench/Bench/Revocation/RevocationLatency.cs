using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using SessionCluster.Bench.Http;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Revocation;

/// <summary>
/// Sessions are ended over HTTP while others check them as fast as they can. How long from the commit until the receipt says
/// "effective everywhere", and how long after the answer any check that began later was still accepted.
/// </summary>
internal sealed class RevocationLatency : IComparison
{
    private const int Checkers = 48;
    private const int Enders = 16;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(30);

    public string Name => "revocation";

    public string Goal => "from commit to effective everywhere under full load, and no check accepted that began after the answer";

    public string? Missing => null;

    public async Task Run(Runner runner, Report report)
    {
        await using var server = await ServerProcess.Start();
        // Each ender always has one session that is checked by three checkers.
        var current = new ConcurrentDictionary<int, Watched>();
        var latencies = new ConcurrentBag<double>();
        var stale = new ConcurrentBag<double>();
        var checks = 0L;
        using var over = new CancellationTokenSource(Length);
        var enders = Enumerable.Range(0, Enders).Select(ender => Task.Run(async () =>
        {
            for (var round = 0; !over.IsCancellationRequested; round++)
            {
                var token = (await Logins.MakeOne(server.Api, (ender * 1_000_000) + round)).Token;
                var watched = current[ender] = new Watched(token);
                // Long enough to be used by everyone, and so for leases to be held.
                await Task.Delay(20);
                using var answer = await server.Api.PostAsJsonAsync("/api/v3/sessions/revoke/", new { token });
                answer.EnsureSuccessStatusCode();
                watched.End(Stopwatch.GetTimestamp());
                var receipt = await answer.Content.ReadFromJsonAsync<JsonElement>();
                latencies.Add((receipt.GetProperty("effective_everywhere_at").GetDateTimeOffset() - receipt.GetProperty("committed_at").GetDateTimeOffset()).TotalMicroseconds);
                // The ended one is checked on for a while.
                await Task.Delay(20);
            }
        }));
        var checkers = Enumerable.Range(0, Checkers).Select(checker => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                if (!current.TryGetValue(checker % Enders, out var watched))
                {
                    await Task.Delay(1);
                    continue;
                }

                var began = Stopwatch.GetTimestamp();
                using var answer = await server.Api.PostAsJsonAsync("/api/v3/sessions/validate/", new { token = watched.Token, client = new { ip = Logins.Ip, user_agent = Logins.UserAgent } });
                answer.EnsureSuccessStatusCode();
                var active = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("active").GetBoolean();
                Interlocked.Increment(ref checks);
                if (active && watched.EndedBefore(began) is { } late)
                {
                    stale.Add(late.TotalMicroseconds);
                }
            }
        }));
        await Task.WhenAll(enders.Concat(checkers));
        var sorted = latencies.Order().ToArray();
        Console.WriteLine($"  {sorted.Length} endings among {checks} checks, 64 connections, {Length.TotalSeconds} s");
        report.Note(Name, "commit to effective, median, µs", sorted[sorted.Length / 2]);
        report.Note(Name, "commit to effective, p99, µs", sorted[(int)(sorted.Length * 0.99)]);
        report.Note(Name, "commit to effective, longest, µs", sorted[^1]);
        report.Limit(Name, "largest stale window, µs", stale.IsEmpty ? 0 : stale.Max(), 0);
    }

    private sealed class Watched(string token)
    {
        private long _ended = long.MaxValue;

        public string Token => token;

        public void End(long at) => Volatile.Write(ref _ended, at);

        /// <summary>How long before this moment the ending had been answered; null when it had not.</summary>
        public TimeSpan? EndedBefore(long began) => Volatile.Read(ref _ended) is var ended && ended < began ? Stopwatch.GetElapsedTime(ended, began) : null;
    }
}
