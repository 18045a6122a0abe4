using SessionCluster.Correctness.Tests.History;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests.Load;

/// <summary>Checks without pause of sessions that are ended meanwhile, in each way there is.</summary>
/// <param name="apis">Whom to ask.</param>
/// <param name="users">How many users are ended, two at a time.</param>
/// <param name="output">Where the counts are told.</param>
internal sealed class Hammer(IReadOnlyList<ApiClient> apis, int users, ITestOutputHelper output)
{
    private const int Validators = 8;
    private const int SessionsEach = 10;

    private static readonly Act[] Endings =
        [Act.RevokeToken, Act.RevokeUser, Act.Deactivate, Act.BulkDelete, Act.TerminatingLogin, Act.Logout, Act.Delete];

    private readonly Recorder _recorder = new() { Apis = apis };

    public async Task Run()
    {
        await Task.WhenAll(Enumerable.Range(0, users * SessionsEach).Select(n => _recorder.Login($"hammer-{n % users}")));
        var sessions = _recorder.Operations.Select(o => (o.User, Session: o.Session!)).ToArray();
        using var done = new CancellationTokenSource();
        var validators = Enumerable.Range(0, Validators).Select(n => Validate(sessions, new Random(n), done.Token)).ToArray();

        // Two at a time, so that endings meet one another too.
        await Task.WhenAll(End(sessions, Enumerable.Range(0, users)), End(sessions, Enumerable.Range(0, users).Reverse()));
        await done.CancelAsync();
        await Task.WhenAll(validators);
        var last = await Task.WhenAll(apis.SelectMany(api => sessions.Select(s => _recorder.Validate(s.User, s.Session, api))));

        var operations = _recorder.Operations;
        var checks = operations.Where(o => o.Act == Act.Validate).ToArray();
        output.WriteLine($"{checks.Length} checks, {checks.Count(c => c.Active)} accepted; {operations.Count(o => o.EndsAll || o.EndsOne)} endings");
        Assert.All(Endings, act => Assert.Contains(operations, o => o.Act == act && o.IsDone));
        Assert.All(sessions, s => Assert.Contains(checks, c => c.Active && c.Session == s.Session));
        Assert.All(last, check => Assert.True(check is { IsDone: true, Active: false }, check.ToString()));
        Assert.DoesNotContain(operations, o => o.Status >= 500);
        Assert.Empty(HistoryCheck.Run(operations, null));
    }

    /// <summary>Ends all sessions of one user after the other; each has been accepted just before, everywhere, and so is held in memory there.</summary>
    private async Task End((string User, string Session)[] sessions, IEnumerable<int> order)
    {
        foreach (var number in order)
        {
            var user = $"hammer-{number}";
            var own = sessions.Where(s => s.User == user).Select(s => s.Session).ToArray();
            await Task.WhenAll(apis.SelectMany(api => own.Select(session => _recorder.Validate(user, session, api))));
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

    private async Task Validate((string User, string Session)[] sessions, Random random, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            var (user, session) = sessions[random.Next(sessions.Length)];
            await _recorder.Validate(user, session);
        }
    }
}
