using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using SessionCluster.Correctness.Tests.Load;
using SessionCluster.Testing.PostgreSql;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests.Cluster;

/// <summary>
/// Two members and two Apis on PostgreSQL, each of which answers checks from its own memory: what one of them ends, or breaks, none of them
/// accepts any more, whatever happens to the others meanwhile.
/// </summary>
public sealed class ClusterEdgeTests : IDisposable
{
    private const string Home = "192.0.2.1";
    private const string Abroad = "198.51.100.1";

    /// <summary>Sessions that are ended, or broken, while all is well.</summary>
    private static readonly int Sessions = Rounds.Sessions(usual: 200);

    private const int AtATime = 16;

    /// <summary>Endings at a time while processes fail: most of them wait for leases.</summary>
    private const int AtATimeAmongFaults = 100;

    /// <summary>F + L.</summary>
    private static readonly TimeSpan LongestLease = TimeSpan.FromSeconds(10);

    /// <summary>The longest that an ending waits, and what a busy machine adds to it.</summary>
    private static readonly TimeSpan Patience = LongestLease * 4;

    private readonly ITestOutputHelper _output;
    private readonly ConcurrentQueue<TimeSpan> _answered = new();
    private ProcessCluster? _cluster;
    private ClusterProcess[] _processes = [];
    private ApiClient[] _apis = [];
    private int _users;
    private string _stage = "";

    public ClusterEdgeTests(ITestOutputHelper output) => _output = output;

    public void Dispose()
    {
        Array.ForEach(_apis, api => api.Dispose());
        _cluster?.Dispose();
    }

    [PostgreSqlFact]
    public async Task What_one_process_ends_or_breaks_none_accepts_and_what_one_writes_all_read()
    {
        await Start(new ProcessCluster());
        var before = await FromMemory();
        await Parallel.ForEachAsync(Enumerable.Range(0, 2 * Sessions), new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (n, _) =>
        {
            var token = await LogIn(_apis[n % 4]);
            await Warm(token, _apis);
            Assert.True(await EndOrBreakOne(n, token, _apis));
            foreach (var answer in await Task.WhenAll(_apis.Select(api => Check(api, token))))
            {
                Assert.False(answer.Is(200).At("active")!.GetValue<bool>());
            }
        });
        var fromMemory = await FromMemory() - before;
        Tell($"{Sessions} endings and {Sessions} broken bindings, answered after {Percentiles()}; {fromMemory} checks before them from memory");
        Assert.True(fromMemory > Sessions * 4, $"only {fromMemory} checks were answered from memory before");

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (n, _) =>
        {
            var login = await LogIn(_apis[n % 4]);
            for (var version = 1; version <= 3; version++)
            {
                await Warm(login, _apis);
                (await _apis[(n + version) % 4].Put("/api/v3/sessions/data/", $$"""{"token": "{{login}}", "data": {"version": {{version}} } }""")).Is(200);
                foreach (var answer in await Task.WhenAll(_apis.Select(api => Check(api, login))))
                {
                    Assert.Equal(version, answer.At("data.version")?.GetValue<int>());
                }
            }
        });
    }

    [PostgreSqlFact]
    public async Task Nor_while_processes_are_killed_and_frozen()
    {
        await Start(new ProcessCluster());
        var random = new Random(Rounds.Seed);
        for (var round = 0; round < Rounds.Count(usual: 2); round++)
        {
            var victim = round * 2 % 4 + (round / 2 % 2);
            var asked = _apis.Where((_, n) => n != victim).ToArray();
            var isFrozen = round / 4 % 2 == round % 2;
            Tell($"{(isFrozen ? "freeze" : "kill")} {_processes[victim].Name}");
            await Poll.Until(ServeAll);
            var tokens = await Task.WhenAll(Enumerable.Range(0, AtATimeAmongFaults).Select(n => LogIn(_apis[n % 4])));
            await Task.WhenAll(tokens.Select(token => Warm(token, _apis)));

            await (isFrozen ? _processes[victim].Signal("STOP") : _processes[victim].Kill());
            var over = Task.Delay(LongestLease + TimeSpan.FromSeconds(random.Next(2, 6)));
            var endings = tokens.Select((token, n) => EndOrBreakAmongFaults(n, token, asked, refusing: asked)).ToArray();
            if (isFrozen)
            {
                // Checks wait at its door for the moment at which it goes on, with shares that it knows nothing else of.
                var knocking = tokens.Select(token => Knock(_apis[victim], token)).ToArray();
                await over;
                await Poll.Until(() => Task.FromResult(endings.Any(ending => ending.IsCompletedSuccessfully && ending.Result)));
                var known = endings.Select(ending => ending.IsCompletedSuccessfully && ending.Result).ToArray();
                await _processes[victim].Signal("CONT");
                var checks = await Task.WhenAll(tokens.Select(token => Knock(_apis[victim], token)));
                Assert.Contains(true, known);
                Assert.DoesNotContain(checks.Zip(known), check => check is { First: true, Second: true });
                await Task.WhenAll(knocking);
            }

            var ended = await Task.WhenAll(endings);
            Tell($"{ended.Count(done => done)} of {ended.Length} were answered, after {Percentiles()}");
            await _processes[victim].Kill();
            await ProcessCluster.Start(_processes);
            await Task.WhenAll(tokens.Zip(ended).Where(one => one.Second).Select(one => AssertRefused(one.First, _apis)));
            Assert.True(ended.Count(done => done) > ended.Length / 2, "most endings had no answer");
        }
    }

    [TestNetworkFact]
    public async Task Nor_by_one_that_is_cut_off_from_the_others_and_the_database()
    {
        using var network = new TestNetwork();
        using var database = PostgreSqlServer.StartAt(TestNetwork.Address);
        await Start(new ProcessCluster(database.CreateDatabase()) { Network = network });
        foreach (var victim in new[] { 1, 3 }.Take(Rounds.Count(usual: 1)))
        {
            await ProcessCluster.Start(_processes);
            var asked = _apis.Where((_, n) => n != victim).ToArray();
            var tokens = await Task.WhenAll(Enumerable.Range(0, AtATimeAmongFaults).Select(n => LogIn(_apis[n % 4])));
            await Task.WhenAll(tokens.Select(token => Warm(token, _apis)));
            Tell($"cut off {_processes[victim].Name}");
            _processes[victim].CutOff(true);
            // Its shares still hold: it goes on until they are over, and an ending waits for that.
            Assert.Contains(true, await Task.WhenAll(tokens.Select(token => Knock(_apis[victim], token))));

            var ended = await Task.WhenAll(tokens.Select((token, n) => EndOrBreakAmongFaults(n, token, asked, refusing: _apis)));

            Tell($"{ended.Count(done => done)} of {ended.Length} were answered, after {Percentiles()}");
            Assert.True(ended.Count(done => done) > ended.Length / 2, "most endings had no answer");
            _processes[victim].CutOff(false);
            await Task.WhenAll(tokens.Zip(ended).Where(one => one.Second).Select(one => AssertRefused(one.First, _apis)));
            await _processes[victim].Kill();
        }
    }

    /// <summary>How many checks all processes answered without asking a grain.</summary>
    private async Task<long> FromMemory()
    {
        var meters = await Task.WhenAll(_apis.Select(api => api.Get("/metrics")));
        return meters.SelectMany(meter => meter.Text.Split('\n'))
            .Where(line => line.StartsWith("sessioncluster_checks_total", StringComparison.Ordinal) && line.Contains("from=\"memory\"", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    private async Task<bool> EndOrBreakAmongFaults(int n, string token, ApiClient[] asked, ApiClient[] refusing)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Patience;)
        {
            try
            {
                if (await EndOrBreakOne(n, token, asked))
                {
                    await AssertRefused(token, refusing);
                    return true;
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or TaskCanceledException)
            {
            }

            await Task.Delay(TimeSpan.FromMilliseconds(300), CancellationToken.None);
        }

        return false;
    }

    /// <summary>Every other session by the front end's call, the rest by a check from abroad. True when that is answered.</summary>
    private async Task<bool> EndOrBreakOne(int n, string token, ApiClient[] asked)
    {
        var (api, start) = (asked[(n / 2) % asked.Length], Stopwatch.GetTimestamp());
        var answer = n % 2 == 0
            ? await api.Post("/api/v3/sessions/revoke/", $$"""{"token": "{{token}}"}""")
            : await Check(api, token, Abroad);
        _answered.Enqueue(Stopwatch.GetElapsedTime(start));
        return answer.Status == 200 && (n % 2 == 0 || answer.At("active")?.GetValue<bool>() == false);
    }

    /// <summary>No process accepts it, neither now nor a moment later. One that cannot say is no acceptance.</summary>
    private static async Task AssertRefused(string token, ApiClient[] asked)
    {
        var answers = await Task.WhenAll(asked.Concat(asked).Select(api => Knock(api, token)));
        Assert.DoesNotContain(true, answers);
    }

    private async Task<string> LogIn(ApiClient api) =>
        (await api.Login($"edge-{Interlocked.Increment(ref _users) % 500}", _stage, Home)).Token;

    /// <summary>Twice in each process: the second check is answered from memory, if its share still holds.</summary>
    private static async Task Warm(string token, ApiClient[] asked)
    {
        foreach (var answer in await Task.WhenAll(asked.Select(async api => await Check(api, token) is { Status: 200 } ? await Check(api, token) : null)))
        {
            Assert.True(answer?.At("active")?.GetValue<bool>(), answer?.Text);
        }
    }

    /// <summary>Whether all processes have seen who came and went: until then a call may meet one that is gone.</summary>
    private async Task<bool> ServeAll()
    {
        var logins = await Task.WhenAll(Enumerable.Range(0, 5 * _apis.Length).Select(n => _apis[n % _apis.Length].TryLogin($"edge-{n}")));
        return logins.All(login => login.Status == 201)
            && (await Task.WhenAll(logins.SelectMany(login => _apis.Select(api => Knock(api, login.StringAt("token")!))))).All(accepted => accepted);
    }

    /// <summary>Whether a check is accepted; one without an answer is not.</summary>
    private static async Task<bool> Knock(ApiClient api, string token)
    {
        try
        {
            return await Check(api, token) is { Status: 200 } answer && answer.At("active")!.GetValue<bool>();
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or TaskCanceledException)
        {
            return false;
        }
    }

    private static Task<Answer> Check(ApiClient api, string token, string ip = Home) =>
        api.Post("/api/v3/sessions/validate/", $$"""{"token": "{{token}}", "client": {"ip": "{{ip}}"} }""");

    private async Task Start(ProcessCluster cluster)
    {
        _cluster = cluster;
        _processes = [cluster.Member(), cluster.Member(), cluster.Api(), cluster.Api()];
        _apis = [.. _processes.Select(process => ProcessCluster.Client(process))];
        await ProcessCluster.Start(_processes);
        _stage = await _apis[0].Stage("\"network_binding\": \"bind_asn\"");
        // Endings wait while the membership has just changed. One that is answered has waited for that.
        var token = await LogIn(_apis[0]);
        await Warm(token, _apis);
        Assert.True(await EndOrBreakOne(0, token, _apis));
        _answered.Clear();
    }

    private string Percentiles()
    {
        var times = _answered.Order().ToArray();
        _answered.Clear();
        return $"{times[times.Length / 2].TotalMilliseconds:0.0} ms (median), {times[times.Length * 99 / 100].TotalMilliseconds:0} ms (99 %), {times[^1].TotalSeconds:0.0} s at most";
    }

    private void Tell(string what) => _output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {what}");
}
