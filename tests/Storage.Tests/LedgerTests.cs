using SessionCluster.Devices;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteLedgerTests() : LedgerTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlLedgerTests() : LedgerTests(new OpenPostgreSql());

public abstract class LedgerTests : StorageTests
{
    private protected LedgerTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task A_ledger_never_written_reads_as_a_new_state_without_an_etag()
    {
        var row = await Open.ReadLedger("42");

        Assert.Null(row.ETag);
        Assert.False(row.RecordExists);
        Assert.Equal(0, row.State.Revision);
        Assert.Empty(row.State.Devices);
    }

    [SuiteFact]
    public async Task One_write_stores_the_row_inserts_the_created_deletes_the_ended_and_appends_the_events()
    {
        await Open.Create("42", Session(1, "42"), Session(2, "42"));
        var device = new DeviceInfo(new DeviceId(Id(9)), Now, Now, Now.AddDays(30), "192.0.2.1", "");

        await Open.Change("42", ledger => ledger with
        {
            Devices = [device],
            Created = [Session(3, "42")],
            Ended = [Ended(1, 2, EndReason.TerminatedByLogin)],
            Events = [Event(1, "42"), Event(2, "42", entry => entry with { Action = EventActions.Logout })],
        });

        var row = await Open.ReadLedger("42");
        Assert.Equal(2, row.State.Revision);
        Assert.Equal("2", row.ETag);
        Assert.Equal(device, Assert.Single(row.State.Devices));
        Assert.Equal([Session(2, "42"), Session(3, "42")], (await Open.Live("42")).ToArray());
        Assert.Equal(EndReason.TerminatedByLogin, (await Open.FindEnded(1))!.Reason);
        Assert.Equal(2, (await Open.Events.Search(new EventQuery([], null, null, null, false, 0, 10))).Count);
    }

    [SuiteFact]
    public async Task The_stored_row_holds_nothing_of_the_change_and_the_given_state_keeps_it()
    {
        var given = new LedgerV1
        {
            Revision = 1, Created = [Session(1, "42")], Ended = [Ended(2, 1)], Events = [Event(1, "42")],
        };
        var row = new Held<LedgerV1>(given);

        await Open.Storage.WriteStateAsync(LedgerV1.StateName, UserKey("42"), row);

        Assert.Same(given, row.State);
        Assert.Equal("1", row.ETag);
        Assert.True(row.RecordExists);
        var stored = (await Open.ReadLedger("42")).State;
        Assert.Empty(stored.Created);
        Assert.Empty(stored.Ended);
        Assert.Empty(stored.Events);
    }

    [SuiteTheory]
    [InlineData(null)]
    [InlineData("1")]
    [InlineData("3")]
    public async Task A_write_based_on_another_version_changes_nothing_in_any_table(string? etag)
    {
        await Open.Create("42", Session(1, "42"));
        await Open.Change("42", ledger => ledger with { Events = [Event(1, "42")] });
        var before = await Open.Everything();
        var row = new Held<LedgerV1>(Everywhere()) { ETag = etag };

        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(
            () => Open.Storage.WriteStateAsync(LedgerV1.StateName, UserKey("42"), row));

        Assert.Equal(etag, conflict.CurrentEtag);
        Assert.Equal(etag, row.ETag);
        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task A_write_with_an_etag_of_a_missing_row_changes_nothing()
    {
        var before = await Open.Everything();
        var row = new Held<LedgerV1>(Everywhere()) { ETag = "1" };

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => Open.Storage.WriteStateAsync(LedgerV1.StateName, UserKey("42"), row));

        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task A_write_that_creates_an_id_twice_changes_nothing_in_any_table()
    {
        await Open.Create("42", Session(1, "42"));
        var before = await Open.Everything();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Open.Change("42", ledger => ledger with
        {
            Created = [Session(2, "42"), Session(1, "42")],
            Ended = [Ended(1, 2)],
            Events = [Event(1, "42")],
        }));

        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task A_write_that_repeats_an_event_changes_nothing_in_any_table()
    {
        await Open.Change("42", ledger => ledger with { Events = [Event(1, "42")] });
        var before = await Open.Everything();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Open.Change("42", ledger => ledger with
        {
            Created = [Session(2, "42")], Events = [Event(2, "42"), Event(1, "42")],
        }));

        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task The_events_of_a_write_keep_their_order()
    {
        int[] order = [5, 3, 9, 1, 7, 2, 8, 4, 6];
        await Open.Change("42", ledger => ledger with { Events = [.. order.Select(number => Event(number, "42"))] });
        await Open.Change("42", ledger => ledger with { Events = [Event(11, "42"), Event(10, "42")] });
        await Open.Settled();

        var read = await Open.Follow("0", 100);

        Assert.Equal("5 3 9 1 7 2 8 4 6 11 10", Numbers(read.Events.Select(entry => entry.Event.Pk)));
    }

    [SuiteFact]
    public async Task A_ledger_cannot_create_a_session_of_another_user()
    {
        var before = await Open.Everything();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Open.Create("42", Session(1, "43")));

        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task A_ledger_cannot_end_a_session_of_another_user()
    {
        await Open.Create("43", Session(1, "43"));
        var before = await Open.Everything();

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Open.Change("42", ledger => ledger with { Ended = [Ended(1, 1)], Events = [Event(1, "42")] }));

        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task A_session_ended_a_second_time_keeps_its_first_reason()
    {
        await Open.Create("42", Session(1, "42"));
        await Open.Change("42", ledger => ledger with { Ended = [Ended(1, 2, EndReason.BindingBroken)] });

        await Open.Change("42", ledger => ledger with { Ended = [Ended(1, 3, EndReason.LoggedOut)] });

        Assert.Equal(EndReason.BindingBroken, (await Open.FindEnded(1))!.Reason);
    }

    [SuiteFact]
    public async Task A_session_created_and_ended_by_one_write_is_ended()
    {
        await Open.Change("42", ledger => ledger with { Created = [Session(1, "42")], Ended = [Ended(1, 1)] });

        Assert.Empty(await Open.Live("42"));
        Assert.NotNull(await Open.FindEnded(1));
    }

    [SuiteFact]
    public async Task Ten_thousand_sessions_end_in_one_write()
    {
        await Open.Create("42", [.. Enumerable.Range(1, 10_000).Select(number => Session(number, "42"))]);

        await Open.Change("42", ledger => ledger with { Ended = [.. Enumerable.Range(1, 10_000).Select(number => Ended(number, 2))] });

        Assert.Empty(await Open.Live("42"));
        Assert.Equal(10_000, (await Open.Ended.OfRevision(new UserId("42"), 2)).Length);
    }

    [SuiteFact]
    public async Task A_ledger_is_never_cleared()
    {
        await Open.Create("42", Session(1, "42"));
        var row = await Open.ReadLedger("42");

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Open.Storage.ClearStateAsync(LedgerV1.StateName, UserKey("42"), row));

        Assert.True((await Open.ReadLedger("42")).RecordExists);
    }

    [SuiteFact]
    public async Task Everything_is_there_after_closing_andOpening_again()
    {
        await Open.Create("42", Session(1, "42"), Session(2, "42"));
        await Open.Change("42", ledger => ledger with { Ended = [Ended(1, 2)], Events = [Event(1, "42")] });
        var before = await Open.Everything();

        await Open.Reopen();

        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task User_keys_are_told_apart_by_case_and_kept_verbatim()
    {
        string[] users = ["cafe01", "CAFE01", "0CAFE01", "Žlutý kůň 🐎", "a'b\"c", "%_\\"];
        foreach (var (user, index) in users.Select((user, index) => (user, index)))
        {
            await Open.Create(user, Session(index + 1, user, session => session with { Name = user, Data = "{\"x\":\"日本\"}" }));
        }

        foreach (var (user, index) in users.Select((user, index) => (user, index)))
        {
            var session = Assert.Single(await Open.Live(user));
            Assert.Equal(Session(index + 1, user, row => row with { Name = user, Data = "{\"x\":\"日本\"}" }), session);
        }
    }

    private static LedgerV1 Everywhere() => new()
    {
        Revision = 99,
        Inactive = true,
        Created = [Session(7, "42")],
        Ended = [Ended(1, 99)],
        Events = [Event(7, "42")],
    };
}
