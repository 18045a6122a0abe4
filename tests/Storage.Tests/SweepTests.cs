using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Hosting;
using SessionCluster.Silo.Sweeping;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteSweepTests() : SweepTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlSweepTests() : SweepTests(new OpenPostgreSql());

/// <summary>Sweeps, with grains that are made up.</summary>
public abstract class SweepTests : StorageTests
{
    private const long Minute = 60_000_000;

    private protected SweepTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task One_who_cannot_be_ended_holds_up_neither_the_others_nor_the_pruning()
    {
        foreach (var user in (string[])["a", "b"])
        {
            await Open.Create(user, Session(user[0], user, row => row with { Expires = Now.AddMinutes(user[0] - 'a') }));
        }

        await Open.Change("c", ledger => ledger with { Ended = [Ended(9, 1) with { EndedAt = Now }] });
        var told = new List<string>();
        var grains = MadeUpGrains.Factory((_, key) => Stub.Of<IUserGrain>((method, _) => (method.Name, UserId.FromGrainKey(key).Value) switch
        {
            (_, "a") => throw new TimeoutException("Nobody answers."),
            (nameof(IUserGrain.End), _) => Task.FromResult(new EndResult(new Ending(2, Now, [new SessionId(Id('b'))], [], false))),
            (_, var user) => Tell(user),
        }));
        var time = new FakeTimeProvider(Now + TimeSpan.FromHours(25));
        var sweeper = NewSweeper(grains, time);

        var failure = await Assert.ThrowsAsync<AggregateException>(() => sweeper.Sweep(default));

        Assert.IsType<TimeoutException>(Assert.Single(failure.InnerExceptions));
        Assert.Equal(["b"], told);
        Assert.Null(await Open.Ended.Find(new SessionId(Id(9)), Now.AddDays(-1)));

        Task<Receipt> Tell(string user)
        {
            told.Add(user);
            return Task.FromResult(new Receipt(2, Now, [], Now));
        }
    }

    /// <summary>They are overdue longest, so that they come first.</summary>
    [SuiteFact]
    public async Task Users_who_can_never_be_ended_leave_the_others_their_turn_in_the_next_sweeps()
    {
        var stuck = Enumerable.Range(1, 40).Select(number => $"stuck{number}").ToArray();
        var sound = Enumerable.Range(1, 10).Select(number => $"sound{number}").ToArray();
        foreach (var (user, number) in stuck.Concat(sound).Select((user, number) => (user, number + 1)))
        {
            await Open.Create(user, Session(number, user, row => row with { Expires = Now.AddMinutes(number) }));
        }

        await Open.Create("idle", Session(999, "idle", row => row with { IdleMicros = 60 * Minute }));
        var (told, asked) = (new HashSet<string>(), 0);
        var grains = MadeUpGrains.Factory((contract, key) => contract == typeof(ISessionGrain) ? Stub.Of<ISessionGrain>((_, _) => Ask()) : Stub.Of<IUserGrain>((method, _) =>
            (method.Name, UserId.FromGrainKey(key).Value) switch
            {
                (_, ['s', 't', ..]) => throw new TimeoutException("Nobody answers."),
                (nameof(IUserGrain.End), _) => Task.FromResult(new EndResult(new Ending(2, Now, [new SessionId(Id(1))], [], false))),
                (_, var user) => Tell(user),
            }));
        var sweeper = NewSweeper(grains, new FakeTimeProvider(Now.AddHours(2)));

        // Sixteen fail at once; then five in each sweep, one by one. The last of those are followed by the sound.
        foreach (var failed in (int[])[16, 5, 5, 5, 5, 4, 16])
        {
            var failure = await Assert.ThrowsAsync<AggregateException>(() => sweeper.Sweep(default));
            Assert.Equal(failed, failure.InnerExceptions.Count);
        }

        Assert.Equal(sound.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
        Assert.Equal(7, asked);

        Task<bool> Ask()
        {
            asked++;
            return Task.FromResult(false);
        }

        Task<Receipt> Tell(string user)
        {
            told.Add(user);
            return Task.FromResult(new Receipt(2, Now, [], Now));
        }
    }

    /// <summary>As on a full disk: their later use cannot be stored, so the rows stay as they are.</summary>
    [SuiteFact]
    public async Task Idle_sessions_that_stay_due_are_asked_once_in_a_sweep()
    {
        await Open.Create("a", Session(1, "a", row => row with { IdleMicros = Minute }), Session(2, "a", row => row with { IdleMicros = Minute }));
        var asked = 0;
        var grains = MadeUpGrains.Factory((_, _) => Stub.Of<ISessionGrain>((_, _) =>
        {
            asked++;
            return Task.FromResult(false);
        }));
        var sweeper = NewSweeper(grains, new FakeTimeProvider(Now.AddHours(1)), batch: 2);

        await sweeper.Sweep(default);

        Assert.Equal(2, asked);
    }

    [SuiteFact]
    public async Task Sixteen_users_are_asked_at_a_time_and_pruning_waits_for_none()
    {
        await Task.WhenAll(Enumerable.Range(1, 30).Select(number => Open.Create($"u{number}", Session(number, $"u{number}", row => row with { Expires = Now }))));
        await Open.Change("a", ledger => ledger with { Ended = [Ended(99, 1) with { EndedAt = Now.AddDays(-1) }] });
        var (answer, asked) = (new TaskCompletionSource<EndResult>(), 0);
        var grains = MadeUpGrains.Factory((_, _) => Stub.Of<IUserGrain>((_, _) => Interlocked.Increment(ref asked) > 0 ? answer.Task : null));
        var sweeper = NewSweeper(grains, new FakeTimeProvider(Now.AddHours(1)));

        var sweep = sweeper.Sweep(default);
        await Poll.Until(async () => asked == 16 && (await Open.Ended.OfRevision(new UserId("a"), 1)).IsEmpty);
        answer.SetException(new TimeoutException("Nobody answers."));

        Assert.Equal(16, (await Assert.ThrowsAsync<AggregateException>(() => sweep)).InnerExceptions.Count);
        // Sixteen may have been too much for one statement: the next sweep goes one by one, and gives up as soon.
        Assert.Equal(5, (await Assert.ThrowsAsync<AggregateException>(() => sweeper.Sweep(default))).InnerExceptions.Count);
        Assert.Equal(16 + 5, asked);
    }

    [SuiteFact]
    public async Task A_member_whose_clock_is_far_off_does_not_sweep()
    {
        await Open.Change("a", ledger => ledger with { Ended = [Ended(1, 1) with { EndedAt = Now }] });
        var time = new FakeTimeProvider(Now.AddDays(2));
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var clock = new MemberClock(null!, null!, null!, time, services.GetRequiredService<IMeterFactory>(), NullLogger<MemberClock>.Instance);
        var sweeper = NewSweeper(MadeUpGrains.Factory((_, _) => Stub.Of<IUserGrain>((_, _) => throw new TimeoutException("Nobody answers."))), time, clock: clock);

        clock.Compare(Now.AddDays(2), Now, Now.AddDays(2));
        await sweeper.Sweep(default);
        Assert.NotNull(await Open.Ended.Find(new SessionId(Id(1)), Now.AddDays(-1)));

        clock.Compare(Now.AddDays(2), Now.AddDays(2), Now.AddDays(2));
        await sweeper.Sweep(default);
        Assert.Null(await Open.Ended.Find(new SessionId(Id(1)), Now.AddDays(-1)));
    }

    [SuiteFact]
    public async Task Sweeps_that_fail_are_told_of_once_and_so_is_the_next_that_goes_well()
    {
        await Open.Create("a", Session(1, "a", row => row with { IdleMicros = Minute }));
        var isAway = true;
        var grains = MadeUpGrains.Factory((_, _) => Stub.Of<ISessionGrain>((_, _) => isAway ? throw new TimeoutException("Nobody answers.") : Task.FromResult(false)));
        var time = new FakeTimeProvider(Now.AddHours(1));
        var log = new KeptLog<Sweeper>();
        using var sweeper = NewSweeper(grains, time, log);
        await sweeper.StartAsync(default);

        await Until(() => log.Errors.Count > 0);
        isAway = false;
        await Until(() => log.Informations.Count > 0);
        await sweeper.StopAsync(default);

        Assert.Single(log.Errors);
        Assert.StartsWith("Sweeps of expired and idle sessions go well again", Assert.Single(log.Informations), StringComparison.Ordinal);

        Task Until(Func<bool> isSo) => Poll.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(10));
            return Task.FromResult(isSo());
        });
    }

    private Sweeper NewSweeper(IGrainFactory grains, TimeProvider time, ILogger<Sweeper>? log = null, int batch = 500, MemberClock? clock = null) => new(
        grains, Open.Swept, time, Options.Create(new SweepOptions { Batch = batch }), Options.Create(new EventOptions()), log ?? NullLogger<Sweeper>.Instance, clock);
}
