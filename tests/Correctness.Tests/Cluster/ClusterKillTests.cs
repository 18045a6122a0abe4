using System.Diagnostics;
using SessionCluster.Correctness.Tests.History;
using SessionCluster.Correctness.Tests.Load;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests.Cluster;

/// <summary>
/// Three members and an Api on PostgreSQL, under load through all of them, while they are killed, one or all at once, or frozen until
/// the others have dropped them and every lease is over, and then let go on. Longer runs: CORRECTNESS_ROUNDS faults, CORRECTNESS_SEED; with
/// Orleans' other directory of grains: CLUSTER_DIRECTORY=distributed.
/// </summary>
public sealed class ClusterKillTests : IDisposable
{
    /// <summary>Most wait at any moment, for endings that wait for leases.</summary>
    private const int Workers = 40;
    private const int Users = 24;

    /// <summary>F + L: after that nothing of before is answered from memory.</summary>
    private static readonly TimeSpan LongestLease = TimeSpan.FromSeconds(10);

    private readonly ITestOutputHelper _output;
    private readonly ProcessCluster _cluster = new(null, $"Cluster:Directory={Environment.GetEnvironmentVariable("CLUSTER_DIRECTORY") ?? "default"}");
    private readonly ClusterProcess[] _members;
    private readonly ClusterProcess _api;
    private readonly Dictionary<ClusterProcess, ApiClient> _clients;
    private readonly Recorder _recorder = new();
    private readonly Random _random = new(Rounds.Seed);

    public ClusterKillTests(ITestOutputHelper output)
    {
        _output = output;
        _members = [_cluster.Member(), _cluster.Member(), _cluster.Member()];
        _api = _cluster.Api();
        _clients = All.ToDictionary(process => process, process => ProcessCluster.Client(process));
        OpenAll();
    }

    private IEnumerable<ClusterProcess> All => [.. _members, _api];

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        _cluster.Dispose();
    }

    [PostgreSqlFact]
    public async Task Kills_and_freezes_lose_nothing_and_revive_nothing()
    {
        await ProcessCluster.Start([.. All]);
        await _recorder.CreateStage();
        var pool = new SessionPool(Users);
        using var done = new CancellationTokenSource();
        var start = Stopwatch.GetTimestamp();
        var workers = Enumerable.Range(0, Workers).Select(_ => new Worker(_recorder, pool, new Random(_random.Next())).RunUntil(done.Token)).ToArray();
        try
        {
            for (var round = 0; round < Rounds.Count(usual: 4); round++)
            {
                await Pause(3, 6);
                await Disturb(round);
            }

            await Pause(2, 3);
        }
        finally
        {
            await done.CancelAsync();
            await Task.WhenAll(workers);
        }

        Tell($"{_recorder.Count} operations in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
        await ProcessCluster.Start([.. All]);
        // Until all have heard of a change of the membership, a check may meet one that is gone.
        await Poll.Until(async () => (await ValidateEverywhere(Sample(60))).All(check => check.End is not null));
        await ValidateAllEverywhere();
        await Judge();
    }

    /// <summary>One fault at a time, each kind in turn; the next one comes when the cluster may not be whole yet.</summary>
    private async Task Disturb(int round)
    {
        var member = _members[_random.Next(_members.Length)];
        switch (round % 4)
        {
            case 0:
                Tell($"kill {member.Name}");
                await member.Kill();
                await Pause(0, 8);
                member.Start();
                break;
            case 1:
                await Freeze(member);
                break;
            case 2:
                Tell("kill the Api");
                await _api.Kill();
                await Pause(0, 3);
                _api.Start();
                break;
            default:
                Tell("kill all members");
                await Task.WhenAll(_members.Select(one => one.Kill()));
                Array.ForEach(_members, one => one.Start());
                await Task.WhenAll(_members.Select(one => one.UntilReady()));
                break;
        }
    }

    /// <summary>
    /// While a member is frozen, others end what it holds in memory. Checks wait at its door meanwhile, and more come the moment that it
    /// goes on, before it has heard that the cluster dropped it.
    /// </summary>
    private async Task Freeze(ClusterProcess member)
    {
        var frozen = _clients[member];
        var held = Sample(60);
        await Task.WhenAll(held.Select(one => _recorder.Validate(one.User, one.Session!, frozen)));
        Tell($"freeze {member.Name}");
        await member.Signal("STOP");
        _recorder.Apis = [.. All.Where(one => one != member).Select(one => _clients[one])];
        var over = Task.Delay(LongestLease + TimeSpan.FromSeconds(_random.Next(5, 9)));
        var endings = held.Take(30).Select(one => EndAndKnock(one, frozen)).ToArray();
        await over;
        await member.Signal("CONT");
        OpenAll();
        await Task.WhenAll(held.Concat(Sample(60)).Select(one => _recorder.Validate(one.User, one.Session!, frozen)));
        await Task.WhenAll(endings);
        await Pause(2, 4);
        Tell($"{member.Name} {(member.HasEnded ? "has ended by itself" : "goes on")}");
        await member.Kill();
        member.Start();
    }

    private async Task EndAndKnock(Operation login, ApiClient frozen)
    {
        if ((await _recorder.Do(Act.RevokeToken, login.User, login.Session)).IsDone)
        {
            await _recorder.Validate(login.User, login.Session!, frozen);
        }
    }

    private void OpenAll() => _recorder.Apis = [.. All.Select(process => _clients[process])];

    /// <summary>Logins that were answered lately.</summary>
    private List<Operation> Sample(int count) => [.. _recorder.Operations.Where(o => o is { IsLogin: true, IsDone: true }).TakeLast(count)];

    private async Task ValidateAllEverywhere()
    {
        foreach (var logins in _recorder.Operations.Where(o => o is { IsLogin: true, IsDone: true }).DistinctBy(o => o.Session).Chunk(20))
        {
            await ValidateEverywhere(logins);
        }
    }

    private Task<Operation[]> ValidateEverywhere(IEnumerable<Operation> logins) =>
        Task.WhenAll(logins.SelectMany(login => _clients.Values.Select(at => _recorder.Validate(login.User, login.Session!, at))));

    private async Task Judge()
    {
        var operations = _recorder.Operations;
        var remains = await RemainsReader.Read(_clients[_api]);
        Tell(
            $"seed {Rounds.Seed}: {operations.Count} operations, {operations.Count(o => o.End is null)} without an answer; "
            + $"{operations.Count(o => o is { IsLogin: true, IsDone: true })} logins, {operations.Sum(o => o.Ended?.Count ?? 0)} endings by receipt, "
            + $"{remains.Events.Count} events, {remains.Live.Count} sessions left");
        var endings = operations.Where(o => o is { IsDone: true, Ended.Count: > 0 }).Select(o => Stopwatch.GetElapsedTime(o.Start, o.End!.Value)).Order().ToArray();
        Tell($"endings answered after: median {endings[endings.Length / 2].TotalMilliseconds:0} ms, longest {endings[^1].TotalSeconds:0.0} s");
        var findings = HistoryCheck.Run(operations, remains);
        Assert.True(findings.Count == 0, $"seed {Rounds.Seed}: {findings.Count} findings\n{string.Join('\n', findings.Take(30))}");
        Assert.All(Enum.GetValues<Act>(), act => Assert.Contains(operations, o => o.Act == act && o.IsDone));
    }

    private void Tell(string what) => _output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {what}");

    private Task Pause(int least, int most) => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(least * 1000, most * 1000)));
}
