using System.Collections.Immutable;
using SessionCluster.Bindings;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteSweptRowsTests() : SweptRowsTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlSweptRowsTests() : SweptRowsTests(new OpenPostgreSql());

/// <summary>What the sweeper reads and deletes.</summary>
public abstract class SweptRowsTests : StorageTests
{
    private const long Minute = 60_000_000;

    private protected SweptRowsTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteTheory]
    [InlineData(-1, "", "")]
    [InlineData(0, "1", "2")]
    [InlineData(1, "1", "2")]
    public async Task A_session_is_due_from_its_end_or_its_idle_moment_on(int microseconds, string expired, string idle)
    {
        await Open.Create(
            "a",
            Session(1, "a", row => row with { Expires = Now.AddMinutes(1) }),
            Session(2, "a", row => row with { IdleMicros = Minute }),
            Session(3, "a"),
            Session(4, "a", row => row with { IdleMicros = long.MaxValue }));

        var now = Now.AddMinutes(1).AddMicroseconds(microseconds);

        Assert.Equal(expired, Text(await Open.Swept.Expired(now, null, 100)));
        Assert.Equal(idle, Text(await Open.Swept.Idle(now, null, 100)));
    }

    [SuiteFact]
    public async Task The_longest_overdue_come_first_and_one_that_is_idle_and_expired_is_expired()
    {
        await Open.Create(
            "a",
            Session(1, "a", row => row with { Expires = Now.AddMinutes(5) }),
            Session(2, "a", row => row with { IdleMicros = 3 * Minute }),
            Session(3, "a", row => row with { Expires = Now.AddMinutes(2), IdleMicros = Minute }),
            Session(4, "a", row => row with { IdleMicros = 4 * Minute }));

        Assert.Equal("3 1", Text(await Open.Swept.Expired(Now.AddHours(1), null, 100)));
        Assert.Equal("3", Text(await Open.Swept.Expired(Now.AddHours(1), null, 1)));
        Assert.Equal("2 4", Text(await Open.Swept.Idle(Now.AddHours(1), null, 100)));
    }

    /// <summary>Of the same moment, too.</summary>
    [SuiteFact]
    public async Task The_next_page_begins_behind_the_last()
    {
        await Open.Create("a", [.. Enumerable.Range(1, 5).Select(number => Session(number, "a", row => number < 5 ? row with { Expires = Now.AddMinutes(1) } : row with { IdleMicros = Minute }))]);
        await Open.Create("b", [.. Enumerable.Range(6, 3).Select(number => Session(number, "b", row => row with { IdleMicros = Minute }))]);

        Assert.Equal(["1 2 3", "4", ""], await Pages(Open.Swept.Expired));
        Assert.Equal(["5 6 7", "8", ""], await Pages(Open.Swept.Idle));

        async Task<List<string>> Pages(Func<DateTimeOffset, DueSession?, int, Task<ImmutableArray<DueSession>>> page)
        {
            var pages = new List<string>();
            ImmutableArray<DueSession> due = [];
            do
            {
                due = await page(Now.AddHours(1), due.LastOrDefault(), 3);
                pages.Add(Text(due));
            }
            while (due.Length > 0);

            return pages;
        }
    }

    [SuiteFact]
    public async Task A_use_moves_the_idle_moment()
    {
        await Open.Create("a", Session(1, "a", row => row with { IdleMicros = Minute }));
        var row = await Open.ReadSession(1);
        row.State = row.State with { LastUsed = Now.AddSeconds(30) };
        await Open.WriteSession(1, row);

        Assert.Empty(await Open.Swept.Idle(Now.AddMinutes(1), null, 10));
        Assert.Single(await Open.Swept.Idle(Now.AddSeconds(90), null, 10));
    }

    [SuiteTheory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public async Task An_ending_is_found_when_it_was_after_the_moment(int microseconds, bool found)
    {
        await Open.Create("a", Session(1, "a"));
        var broken = new BindingBreak("network.asn", "1", "2", "192.0.2.1", "198.51.100.1", null, null);
        await Open.Change("a", ledger => ledger with { Ended = [Ended(1, 2, EndReason.BindingBroken) with { Binding = broken }] });

        var ended = await Open.Ended.Find(new SessionId(Id(1)), Now.AddMicroseconds(microseconds));

        Assert.Equal(found ? new EndedSession(new SessionId(Id(1)), new UserId("a"), EndReason.BindingBroken, broken) : null, ended);
    }

    [SuiteFact]
    public async Task The_endings_of_a_revision_are_those_of_its_user()
    {
        await Open.Create("a", Session(1, "a"), Session(2, "a"), Session(3, "a"));
        await Open.Create("b", Session(4, "b"));
        await Open.Change("a", ledger => ledger with { Ended = [Ended(3, 2), Ended(1, 2)] });
        await Open.Change("a", ledger => ledger with { Ended = [Ended(2, 3)] });
        await Open.Change("b", ledger => ledger with { Ended = [Ended(4, 2)] });

        var ended = await Open.Ended.OfRevision(new UserId("a"), 2);

        // By id, as the ledger lists them in its first answer.
        Assert.Equal([new SessionId(Id(1)), new SessionId(Id(3))], ended.ToArray());
        Assert.Empty(await Open.Ended.OfRevision(new UserId("a"), 1));
    }

    [SuiteFact]
    public async Task Pruning_forgets_the_oldest_endings_before_the_moment()
    {
        await Open.Change("a", ledger => ledger with
        {
            Ended = [.. Enumerable.Range(1, 5).Select(number => Ended(number, 1) with { EndedAt = Now.AddSeconds(number) })],
        });

        Assert.Equal(2, await Open.Swept.PruneEnded(Now.AddSeconds(4), 2));
        Assert.Equal(1, await Open.Swept.PruneEnded(Now.AddSeconds(4), 2));
        Assert.Equal(0, await Open.Swept.PruneEnded(Now.AddSeconds(4), 2));
        Assert.Equal([new SessionId(Id(4)), new SessionId(Id(5))], (await Open.Ended.OfRevision(new UserId("a"), 1)).ToArray());
    }

    [SuiteFact]
    public async Task Pruning_deletes_the_plans_that_were_written_last_before_the_moment_and_no_other_state()
    {
        foreach (var key in (string[])["p:1", "p:2", "p:3"])
        {
            await Open.Plain.WriteStateAsync("plan", GrainId.Create("plan", key), new Held<PlanV1>(new PlanV1()));
        }

        var stages = GrainId.Create("stages", IStageCatalogGrain.Key);
        await Open.Plain.WriteStateAsync(StageCatalogV1.StateName, stages, new Held<StageCatalogV1>(new StageCatalogV1()));
        var now = TimeProvider.System.GetUtcNow();

        Assert.Equal(0, await Open.Swept.PrunePlans(now.AddMinutes(-5), 100));
        Assert.Equal(2, await Open.Swept.PrunePlans(now.AddMinutes(5), 2));
        Assert.Equal(1, await Open.Swept.PrunePlans(now.AddMinutes(5), 2));
        Assert.Equal(0, await Open.Swept.PrunePlans(now.AddMinutes(5), 2));
        var kept = new Held<StageCatalogV1>(new StageCatalogV1());
        await Open.Plain.ReadStateAsync(StageCatalogV1.StateName, stages, kept);
        Assert.True(kept.RecordExists);
    }

    [SuiteTheory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public async Task A_plan_is_pruned_when_its_last_write_was_before_the_moment(int microseconds, int pruned)
    {
        await Open.Plain.WriteStateAsync("plan", GrainId.Create("plan", "p:1"), new Held<PlanV1>(new PlanV1()));
        await Open.WritePlansAt(Now);

        Assert.Equal(pruned, await Open.Swept.PrunePlans(Now.AddMicroseconds(microseconds), 100));
    }

    private static string Text(ImmutableArray<DueSession> due) => string.Join(' ', due.Select(session => Number(session.Session.Value)));
}
