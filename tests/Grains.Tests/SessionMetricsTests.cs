using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SessionCluster.Grains.Tests.Bindings;
using SessionCluster.Grains.Tests.Sessions;
using SessionCluster.Grains.Tests.Users;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests;

public sealed class SessionMetricsTests
{
    [Fact]
    public void Outcomes_are_told_in_snake_case()
    {
        using var counted = new Counted("sessioncluster.endings");

        SessionMetrics.Ended(EndReason.ReplacedByLogin);
        SessionMetrics.Ended((EndReason)999);

        Assert.Equal(["replaced_by_login", "other"], counted.Labels);
    }

    [Fact]
    public async Task A_share_that_several_calls_wait_out_counts_once()
    {
        using var counted = new Counted("sessioncluster.shares.taken_back");
        var time = new FakeTimeProvider();
        var edge = new FakeEdge(1) { Dropping = () => Task.FromException(new TimeoutException()) };
        var shares = new Shares(new SessionId(Guid.Empty), time, own: null);
        shares.Grant(edge.Question, TimeSpan.FromSeconds(5), time.GetUtcNow());

        var takenBack = Task.WhenAll(shares.TakeBack(), shares.TakeBack());
        time.Advance(TimeSpan.FromSeconds(6));
        await takenBack;

        Assert.Equal(["true"], counted.Labels);
    }

    [Fact]
    public async Task A_login_that_is_repeated_by_its_key_counts_once()
    {
        using var counted = new Counted("sessioncluster.logins");
        var ended = Stub.Of<IEndedSessions>((_, _) => Task.FromResult(ImmutableArray<SessionId>.Empty));
        var services = new UserGrainServices(
            ended, new FakeGeoLookup(), new RandomIdSource(), new FakeMembership(), TimeProvider.System,
            Options.Create(new SessionOptions()), Options.Create(new LeaseOptions()), NullLogger<UserGrain>.Instance);
        var grains = MadeUpGrains.Factory((contract, _) => throw new NotSupportedException(contract.Name));
        var grain = new FakeActivation("user", LedgerBench.Jane.Id.GrainKey, grains).Make(() => new UserGrain(new FakeRow<LedgerV1>(), services));
        var command = LedgerBench.Command(key: new Idempotency("key", "body"));

        var first = await grain.Login(command);
        var again = await grain.Login(command);
        await grain.Login(command with { Idempotency = new Idempotency("key", "another body") });

        Assert.Equal(first.Session!.Id, again.Session!.Id);
        Assert.Equal(["logged_in", "idempotency_key_reused"], counted.Labels);
    }
}
