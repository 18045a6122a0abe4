using Microsoft.Extensions.Time.Testing;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteLedgerReadTests() : LedgerReadTests(new OpenSqlite { Time = new FakeTimeProvider(Now) });

[OnPostgreSql]
public sealed class PostgreSqlLedgerReadTests() : LedgerReadTests(new OpenPostgreSql { Time = new FakeTimeProvider(Now) });

/// <summary>A read of a ledger brings the rows of its sessions along, all of one moment.</summary>
public abstract class LedgerReadTests : StorageTests
{
    private protected LedgerReadTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task A_read_brings_the_sessions_of_the_user_the_oldest_first_and_what_ended_lately()
    {
        await Open.Create("b", Session(9, "b"));
        await Open.Create("a",
            Session(3, "a", row => row with { Created = Now.AddSeconds(-1) }),
            Session(2, "a", row => row with { Created = Now.AddSeconds(-2) }),
            Session(1, "a", row => row with { Created = Now.AddSeconds(-1) }),
            Session(4, "a", row => row with { Created = Now.AddSeconds(-3), Expires = Now.AddSeconds(-1) }),
            Session(5, "a"));
        await Open.Change("b", ledger => ledger with { Ended = [Ended(9, 2)] });
        await Open.Change("a", ledger => ledger with { Ended = [Ended(5, 2, EndReason.BindingBroken)] });

        var stored = (await Open.ReadLedger("a")).State.Stored!;

        // Also the one that is past its end: only a ledger's write ends a session.
        Assert.Equal("4 2 1 3", Numbers(stored.Live.Select(session => session.Id)));
        Assert.Equal(Session(2, "a", row => row with { Created = Now.AddSeconds(-2) }), stored.Live[1]);
        Assert.Equal(Ended(5, 2, EndReason.BindingBroken), Assert.Single(stored.EndedLately));
    }

    /// <summary>Thousands of sessions may have 32 KB each, and the user's grain uses none of it.</summary>
    [SuiteFact]
    public async Task A_read_brings_no_large_data_of_sessions_along_and_the_sessions_own_read_does()
    {
        var data = $$"""{"a": "{{new string('\u00e9', 5000)}}", "data": "\u0000 \ud800"}""";
        var large = Session(1, "a", row => row with { Data = data });
        await Open.Create("a", large);

        var stored = (await Open.ReadLedger("a")).State.Stored!;

        Assert.Equal(large with { Data = null }, Assert.Single(stored.Live));
        Assert.Equal(data, (await Open.ReadSession(1)).State.Data);
    }

    [SuiteTheory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task An_ending_is_late_for_two_minutes(int microseconds, bool brought)
    {
        var moment = (Now - StoredSessions.LookedBack).AddMicroseconds(microseconds);
        await Open.Change("a", ledger => ledger with { Ended = [Ended(1, 1) with { EndedAt = moment }] });

        var stored = (await Open.ReadLedger("a")).State.Stored!;

        Assert.Equal(brought, stored.EndedLately.Length == 1);
    }

    [SuiteFact]
    public async Task A_read_at_the_version_that_its_reader_knows_brings_nothing_and_leaves_the_state()
    {
        await Open.Create("a", Session(1, "a"));
        var row = await Open.ReadLedger("a");
        var known = row.State;

        await Open.Storage.ReadStateAsync(LedgerV1.StateName, UserKey("a"), row);
        var stored = await Open.Opened.Read(new StateQuery(StateKind.Ledger, LedgerV1.StateName, new UserId("a").GrainKey, Known: 1));

        Assert.Same(known, row.State);
        Assert.Equal("1", row.ETag);
        Assert.True(row.RecordExists);
        Assert.Equal(1, stored!.Version);
        Assert.Null(stored.Payload);
        Assert.Empty(stored.Live);
        Assert.Empty(stored.EndedLately);
    }

    [SuiteFact]
    public async Task A_read_at_another_version_brings_everything_anew()
    {
        await Open.Create("a", Session(1, "a"));
        var row = await Open.ReadLedger("a");
        await Open.Create("a", Session(2, "a"));

        await Open.Storage.ReadStateAsync(LedgerV1.StateName, UserKey("a"), row);

        Assert.Equal("2", row.ETag);
        Assert.Equal("1 2", Numbers(row.State.Stored!.Live.Select(session => session.Id)));
    }

    [SuiteFact]
    public async Task A_read_sees_the_ledger_and_its_sessions_as_one_write_left_them()
    {
        const int Writes = 100;
        await Open.Change("a", Replace(1));
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            var reads = 0;
            for (; !done.IsCancellationRequested; reads++)
            {
                var ledger = (await Open.ReadLedger("a")).State;
                Assert.Equal(Id((int)ledger.Revision), Assert.Single(ledger.Stored!.Live).Id);
                Assert.Equal(ledger.Revision - 1, ledger.Stored.EndedLately.Length);
            }

            return reads;
        })).ToArray();

        for (var number = 2; number <= Writes; number++)
        {
            await Open.Change("a", Replace(number));
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));

        static Func<LedgerV1, LedgerV1> Replace(int number) => ledger => ledger with
        {
            Created = [Session(number, "a")], Ended = number == 1 ? [] : [Ended(number - 1, number)],
        };
    }
}
