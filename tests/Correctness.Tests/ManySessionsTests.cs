using SessionCluster.Correctness.Tests.History;
using SessionCluster.Correctness.Tests.Load;
using Xunit.Abstractions;

namespace SessionCluster.Correctness.Tests;

[Collection(nameof(SharedServer))]
public sealed class ManySessionsTests(SharedServer server, ITestOutputHelper output)
{
    private const int Sessions = 10_000;
    private const int AtATime = 64;
    private const string User = "many";

    private readonly Recorder _recorder = new() { Apis = [server.Api] };

    [Fact]
    public async Task Ten_thousand_sessions_end_in_one_commit_while_others_go_on()
    {
        await Each(Enumerable.Range(0, Sessions), _ => _recorder.Login(User));
        var sessions = _recorder.Operations.Where(o => o.IsDone).Select(o => o.Session!).ToArray();
        Assert.Equal(Sessions, sessions.Length);
        // Some of them are in use and hold a lease.
        await Each(sessions.Take(500), session => _recorder.Validate(User, session));
        var before = await Revision();

        using var done = new CancellationTokenSource();
        var others = Enumerable.Range(0, 4).Select(n => ValidateUntil($"bystander-{n}", done.Token)).ToArray();
        var revoke = await _recorder.Do(Act.RevokeUser, User);
        await done.CancelAsync();
        await Task.WhenAll(others);

        Assert.Equal(before + 1, revoke.Revision);
        Assert.Equal(before + 1, await Revision());
        Assert.Equal(sessions.Order(), revoke.Ended!.Order());
        await Each(sessions, session => _recorder.Validate(User, session));
        var operations = _recorder.Operations;
        Assert.Equal(Sessions, operations.Count(o => o is { Act: Act.Validate, User: User, Reason: "revoked" }));
        var meanwhile = operations.Count(o => o.Act == Act.Validate && o.User != User && o.Start > revoke.Start && o.End < revoke.End);
        output.WriteLine($"{meanwhile} checks of other users began and ended during the revoke");
        Assert.NotEqual(0, meanwhile);
        Assert.DoesNotContain(operations, o => o is { Act: Act.Validate, Active: false } && o.User != User);

        Assert.Empty(HistoryCheck.Run([.. operations.Where(o => o.User == User)], null));

        var logouts = await RemainsReader.Events(server.Api, $"&username={User}&action=logout");
        Assert.Equal(sessions.Order(), logouts.Select(e => e.Session).Order());
        var logins = (await server.Api.Get($"/api/v3/events/events/?username={User}&action=login")).Is(200);
        Assert.Equal(Sessions, logins.At("pagination.count")!.GetValue<int>());
    }

    private async Task<long> Revision() => (await server.Api.Get($"/api/v3/users/{User}/")).Is(200).At("revision")!.GetValue<long>();

    private async Task ValidateUntil(string user, CancellationToken done)
    {
        var login = await _recorder.Login(user);
        while (!done.IsCancellationRequested)
        {
            await _recorder.Validate(user, login.Session!);
        }
    }

    private static Task Each<T>(IEnumerable<T> items, Func<T, Task> action) => Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (item, _) => await action(item));
}
