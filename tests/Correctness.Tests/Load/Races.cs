using SessionCluster.Correctness.Tests.History;

namespace SessionCluster.Correctness.Tests.Load;

/// <summary>Logins of one user at the same moment.</summary>
internal sealed class Races(IReadOnlyList<ApiClient> apis)
{
    private readonly Recorder _recorder = new() { Apis = apis };

    /// <summary>Of logins that terminate the others exactly one survives.</summary>
    public async Task Terminating(int count)
    {
        var user = $"race-{count}";

        var logins = await Race(user, count, terminating: true);

        // The first login ended none and so has no receipt; the last one has the highest revision.
        Assert.Single(logins, login => login.Revision is null);
        var last = logins.MaxBy(login => login.Revision ?? 0)!;
        foreach (var api in apis)
        {
            var checks = await Task.WhenAll(logins.Select(login => _recorder.Validate(user, login.Session!, api)));
            Assert.Equal(last.Session, Assert.Single(checks, check => check.Active).Session);
            Assert.All(checks.Where(check => !check.Active), check => Assert.Equal("revoked", check.Reason));
        }

        Assert.Equal(count - 1, logins.Sum(login => login.Ended!.Count));
        await AssertNothingWrong(user, live: [last.Session!]);
    }

    /// <summary>Plain logins end nothing.</summary>
    public async Task Plain(int count)
    {
        var user = $"plain-race-{count}";

        var logins = await Race(user, count, terminating: false);

        Assert.All(logins, login => Assert.Null(login.Revision));
        var checks = await Task.WhenAll(logins.Select(login => _recorder.Validate(user, login.Session!)));
        Assert.All(checks, check => Assert.True(check.Active));
        await AssertNothingWrong(user, live: [.. logins.Select(login => login.Session!)]);
    }

    private async Task<Operation[]> Race(string user, int count, bool terminating)
    {
        var logins = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => _recorder.Login(user, terminating)));
        Assert.All(logins, login => Assert.True(login.IsDone, login.ToString()));
        return logins;
    }

    private async Task AssertNothingWrong(string user, string[] live)
    {
        var events = await RemainsReader.Events(apis[0], $"&username={user}");
        Assert.Empty(HistoryCheck.Run(_recorder.Operations, new Remains(events, live)));
    }
}
