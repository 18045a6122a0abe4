using SessionCluster.Correctness.Tests.History;
using SessionCluster.Correctness.Tests.Load;

namespace SessionCluster.Correctness.Tests;

/// <summary>Logins of one user at the same moment.</summary>
[Collection(nameof(SharedServer))]
public sealed class RaceTests(SharedServer server)
{
    private readonly Recorder _recorder = new() { Api = server.Api };

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(100)]
    public async Task Of_racing_logins_that_terminate_the_others_the_last_one_alone_survives(int count)
    {
        var user = $"race-{count}";

        var logins = await Race(user, count, terminating: true);

        // The first login ended none and so has no receipt; the last one has the highest revision.
        Assert.Single(logins, login => login.Revision is null);
        var last = logins.MaxBy(login => login.Revision ?? 0)!;
        var checks = await Task.WhenAll(logins.Select(login => _recorder.Validate(user, login.Session!)));
        Assert.Equal(last.Session, Assert.Single(checks, check => check.Active).Session);
        Assert.All(checks.Where(check => !check.Active), check => Assert.Equal("revoked", check.Reason));
        Assert.Equal(count - 1, logins.Sum(login => login.Ended!.Count));
        await AssertNothingWrong(user, live: [last.Session!]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(100)]
    public async Task Racing_logins_without_it_end_nothing(int count)
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
        Assert.All(logins, login => Assert.True(login.IsDone));
        return logins;
    }

    private async Task AssertNothingWrong(string user, string[] live)
    {
        var events = await RemainsReader.Events(server.Api, $"&username={user}");
        Assert.Empty(HistoryCheck.Run(_recorder.Operations, new Remains(events, live)));
    }
}
