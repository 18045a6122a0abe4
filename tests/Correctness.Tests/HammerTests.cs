using SessionCluster.Correctness.Tests.History;
using SessionCluster.Correctness.Tests.Load;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests;

/// <summary>Checks without pause of sessions that are ended meanwhile, in each way there is.</summary>
[Collection(nameof(SharedServer))]
public sealed class HammerTests(SharedServer server, ITestOutputHelper output)
{
    private const int Validators = 8;
    private const int Users = 42;
    private const int SessionsEach = 10;

    private static readonly Act[] Endings =
        [Act.RevokeToken, Act.RevokeUser, Act.Deactivate, Act.BulkDelete, Act.TerminatingLogin, Act.Logout, Act.Delete];

    private readonly Recorder _recorder = new() { Api = server.Api };

    [Fact]
    public async Task A_check_that_begins_after_the_answer_of_an_ending_never_passes()
    {
        await Task.WhenAll(Enumerable.Range(0, Users * SessionsEach).Select(n => _recorder.Login($"hammer-{n % Users}")));
        var sessions = _recorder.Operations.Select(o => (o.User, Session: o.Session!)).ToArray();
        using var done = new CancellationTokenSource();
        var validators = Enumerable.Range(0, Validators).Select(n => Hammer(sessions, new Random(n), done.Token)).ToArray();

        // Two at a time, so that endings meet one another too.
        await Task.WhenAll(End(sessions, Enumerable.Range(0, Users)), End(sessions, Enumerable.Range(0, Users).Reverse()));
        await done.CancelAsync();
        await Task.WhenAll(validators);
        await Task.WhenAll(sessions.Select(s => _recorder.Validate(s.User, s.Session)));

        var operations = _recorder.Operations;
        var checks = operations.Where(o => o.Act == Act.Validate).ToArray();
        output.WriteLine($"{checks.Length} checks, {checks.Count(c => c.Active)} accepted; {operations.Count(o => o.EndsAll || o.EndsOne)} endings");
        Assert.All(Endings, act => Assert.Contains(operations, o => o.Act == act && o.IsDone));
        Assert.All(sessions, s => Assert.Contains(checks, c => c.Active && c.Session == s.Session));
        Assert.Equal(sessions.Length, checks.TakeLast(sessions.Length).Count(c => !c.Active));
        Assert.Empty(HistoryCheck.Run(operations, null));
    }

    /// <summary>Ends all sessions of one user after the other; each has been accepted just before, and so holds a lease.</summary>
    private async Task End((string User, string Session)[] sessions, IEnumerable<int> users)
    {
        foreach (var number in users)
        {
            var user = $"hammer-{number}";
            var own = sessions.Where(s => s.User == user).Select(s => s.Session).ToArray();
            await Task.WhenAll(own.Select(session => _recorder.Validate(user, session)));
            var act = Endings[number % Endings.Length];
            if (act is Act.RevokeToken or Act.Logout or Act.Delete)
            {
                foreach (var session in own)
                {
                    await _recorder.Do(act, user, session);
                }
            }
            else
            {
                await _recorder.Do(act, user);
            }
        }
    }

    private async Task Hammer((string User, string Session)[] sessions, Random random, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            var (user, session) = sessions[random.Next(sessions.Length)];
            await _recorder.Validate(user, session);
        }
    }
}
