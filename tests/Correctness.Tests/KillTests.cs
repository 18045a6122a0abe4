using SessionCluster.Correctness.Tests.History;
using SessionCluster.Correctness.Tests.Load;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests;

/// <summary>
/// The real server is killed again and again in the middle of its work. Longer runs: CORRECTNESS_ROUNDS kills, CORRECTNESS_SEED.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Workers = 12;
    private const int Users = 12;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Kills_at_random_moments_lose_nothing_and_revive_nothing()
    {
        var (rounds, seed) = (Rounds.Count(usual: 3), Rounds.Seed);
        var random = new Random(seed);
        var pool = new SessionPool(Users);
        var moment = new Moment();
        var recorder = new Recorder { Recorded = _ => moment.Pass() };
        Operation[] unanswered = [];
        var repeated = 0;
        for (var round = 0; round < rounds; round++)
        {
            await using var server = await Start(recorder);
            if (round == 0)
            {
                await recorder.CreateStage();
            }

            repeated += await Repeat(recorder, pool, unanswered);
            var killing = moment.In(random.Next(300, 3000));
            var working = Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => new Worker(recorder, pool, new Random(random.Next())).Run()));
            await Task.WhenAny(killing, working);
            await server.Kill();
            unanswered = await working;
        }

        await using var last = await Start(recorder);
        repeated += await Repeat(recorder, pool, unanswered);
        await ValidateAll(recorder);
        var operations = recorder.Operations;
        var remains = await RemainsReader.Read(recorder.Apis[0]);
        var findings = HistoryCheck.Run(operations, remains);

        output.WriteLine(
            $"seed {seed}: {rounds} kills, {operations.Count} operations, {operations.Count(o => o.End is null)} without an answer, {repeated} of them repeated; "
            + $"{operations.Count(o => o is { IsLogin: true, IsDone: true })} logins, {operations.Sum(o => o.Ended?.Count ?? 0)} endings by receipt, "
            + $"{remains.Events.Count} events, {remains.Live.Count} sessions left");
        output.WriteLine(string.Join(", ", operations.CountBy(o => o.Act).OrderBy(c => c.Key).Select(c => $"{c.Key} {c.Value}")));
        Assert.True(findings.Count == 0, $"seed {seed}: {findings.Count} findings\n{string.Join('\n', findings.Take(30))}");
        // Nothing but the kills went wrong.
        Assert.DoesNotContain(operations, o => o.Status >= 500);
        Assert.All(Enum.GetValues<Act>(), act => Assert.Contains(operations, o => o.Act == act && o.IsDone));
    }

    private async Task<ServerProcess> Start(Recorder recorder)
    {
        var server = await ServerProcess.Start(_folder.In("data"), "Logging:LogLevel:Default=Warning", "Logging:LogLevel:Microsoft.Hosting.Lifetime=Information");
        recorder.Apis = [server.Api];
        return server;
    }

    /// <summary>Repeats what was asked with a key and stayed without an answer; how many.</summary>
    private static async Task<int> Repeat(Recorder recorder, SessionPool pool, Operation[] unanswered)
    {
        var withKey = unanswered.Where(o => o.Key is not null).ToArray();
        foreach (var operation in withKey)
        {
            if (await recorder.Repeat(operation) is { IsLogin: true, IsDone: true } login)
            {
                pool.Add(login.User, login.Session!);
            }
        }

        return withKey.Length;
    }

    private static async Task ValidateAll(Recorder recorder)
    {
        foreach (var login in recorder.Operations.Where(o => o is { IsLogin: true, IsDone: true }).DistinctBy(o => o.Session).Chunk(50))
        {
            Assert.All(await Task.WhenAll(login.Select(l => recorder.Validate(l.User, l.Session!))), check => Assert.NotNull(check.End));
        }
    }

    /// <summary>A moment that comes after a number of operations.</summary>
    private sealed class Moment
    {
        private int _left;
        private TaskCompletionSource _come = new();

        public Task In(int operations)
        {
            _come = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _left, operations);
            return _come.Task;
        }

        public void Pass()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _come.SetResult();
            }
        }
    }
}
