using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using SessionCluster.Correctness.Tests.History;
using SessionCluster.Correctness.Tests.Load;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests.Cluster;

/// <summary>
/// Three silos on PostgreSQL and two Apis, under load, while silos and Apis are killed, or frozen until the others have dropped
/// them and then let go on. Longer runs: CORRECTNESS_SECONDS, CORRECTNESS_SEED.
/// </summary>
public sealed class ClusterKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Workers = 16;
    private const int Users = 24;

    private readonly ClusterProcesses _cluster = new();
    private readonly ConcurrentQueue<long> _unanswered = new();
    private readonly List<(string What, long At)> _events = [];

    public void Dispose() => _cluster.Dispose();

    [ClusterFact]
    public async Task Kills_and_freezes_of_members_lose_nothing_and_revive_nothing()
    {
        var seed = Setting("CORRECTNESS_SEED", 1);
        var random = new Random(seed);
        ClusterProcess[] silos = [_cluster.Silo(), _cluster.Silo(), _cluster.Silo()], apis = [_cluster.Api(), _cluster.Api()];
        ClusterProcess[] all = [.. silos, .. apis];
        await ClusterProcesses.Start(all);

        var recorder = new Recorder { Recorded = Note, Apis = [.. apis.Select(a => a.Client())] };
        recorder.Api = recorder.Apis[0];
        await recorder.CreateStage();
        var pool = new SessionPool(Users);
        using var done = new CancellationTokenSource(TimeSpan.FromSeconds(Setting("CORRECTNESS_SECONDS", 60)));
        var start = Stopwatch.GetTimestamp();
        var workers = Enumerable.Range(0, Workers).Select(_ => new Worker(recorder, pool, new Random(random.Next())).RunUntil(done.Token)).ToArray();
        await Disturb(silos, apis, random, done.Token);
        await Task.WhenAll(workers);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        Array.ForEach(all, p => p.Signal("CONT"));
        await Restart(all);
        foreach (var login in recorder.Operations.Where(o => o is { IsLogin: true, IsDone: true }).DistinctBy(o => o.Session).Chunk(20))
        {
            await Task.WhenAll(login.Select(l => recorder.Validate(l.User, l.Session!)));
        }

        var operations = recorder.Operations;
        var remains = await RemainsReader.Read(recorder.Api);
        Tell(seed, seconds, operations, remains);
        var findings = HistoryCheck.Run(operations, remains);
        output.WriteLine($"{findings.Count} findings");
        Assert.True(findings.Count == 0, $"seed {seed}: {findings.Count} findings\n{string.Join('\n', findings.Take(30))}");
        Assert.All(Enum.GetValues<Act>(), act => Assert.Contains(operations, o => o.Act == act && o.IsDone));
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>One fault at a time, so that what follows belongs to it; the next one comes when the cluster may not be whole yet.</summary>
    private async Task Disturb(ClusterProcess[] silos, ClusterProcess[] apis, Random random, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            await Pause(random.Next(3, 9), done);
            var kind = random.Next(10);
            var victim = kind < 7 ? silos[random.Next(silos.Length)] : apis[random.Next(apis.Length)];
            if (victim.HasEnded)
            {
                victim.Start();
                continue;
            }

            var isFrozen = kind < 2;
            _events.Add(($"{(isFrozen ? "freeze" : "kill")} {victim.Name}", Stopwatch.GetTimestamp()));
            if (isFrozen)
            {
                victim.Signal("STOP");
                await Pause(random.Next(8, 20), done);
                victim.Signal("CONT");
                await Pause(3, done);
                victim.Kill();
            }
            else
            {
                victim.Kill();
                await Pause(random.Next(0, 5), done);
            }

            victim.Start();
        }
    }

    private static async Task Restart(ClusterProcess[] all)
    {
        await ClusterProcesses.Start(all);
        // A membership that has just changed: let endings of before be over, so that every check is answered.
        await Task.Delay(TimeSpan.FromSeconds(12), CancellationToken.None);
    }

    private static async Task Pause(int seconds, CancellationToken done)
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), done);
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private void Note(Operation operation)
    {
        if (operation.End is null)
        {
            _unanswered.Enqueue(Stopwatch.GetTimestamp());
        }
    }

    private void Tell(int seed, double seconds, IReadOnlyList<Operation> operations, Remains remains)
    {
        output.WriteLine(
            $"seed {seed}: {seconds:0} s, {_events.Count} faults ({_events.Count(e => e.What.StartsWith("freeze", StringComparison.Ordinal))} freezes), "
            + $"{operations.Count} operations ({operations.Count / seconds:0}/s), {operations.Count(o => o.End is null)} without an answer; "
            + $"{operations.Count(o => o is { IsLogin: true, IsDone: true })} logins, {operations.Sum(o => o.Ended?.Count ?? 0)} endings by receipt, "
            + $"{remains.Events.Count} events, {remains.Live.Count} sessions left");
        for (var i = 0; i < _events.Count; i++)
        {
            var until = i + 1 < _events.Count ? _events[i + 1].At : long.MaxValue;
            var failed = _unanswered.Where(t => t > _events[i].At && t < until).ToArray();
            var last = failed.Length == 0 ? 0 : Stopwatch.GetElapsedTime(_events[i].At, failed.Max()).TotalSeconds;
            output.WriteLine($"{_events[i].What}: {failed.Length} without an answer, the last {last:0.0} s after it");
        }

        var endings = operations.Where(o => o is { IsDone: true, Ended.Count: > 0 }).Select(o => Stopwatch.GetElapsedTime(o.Start, o.End!.Value)).Order().ToArray();
        output.WriteLine($"endings answered after: median {endings[endings.Length / 2].TotalMilliseconds:0} ms, longest {endings[^1].TotalSeconds:0.0} s");
    }
}
