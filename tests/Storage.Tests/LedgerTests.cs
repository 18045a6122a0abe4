using System.Data.Common;
using SessionCluster.Devices;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.OpenStorage;

namespace SessionCluster.Storage.Tests;

public sealed class LedgerTests : IDisposable
{
    private readonly OpenStorage _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task A_ledger_never_written_reads_as_a_new_state_without_an_etag()
    {
        var row = await _open.ReadLedger("42");

        Assert.Null(row.ETag);
        Assert.False(row.RecordExists);
        Assert.Equal(0, row.State.Revision);
        Assert.Empty(row.State.Devices);
    }

    [Fact]
    public async Task One_write_stores_the_row_inserts_the_born_deletes_the_dead_and_appends_the_journal()
    {
        await _open.Bear("42", Session(1, "42"), Session(2, "42"));
        var device = new DeviceV1 { Id = Id(9), Created = Now, LastLogin = Now, Expires = Now.AddDays(30), LastIp = "192.0.2.1" };

        await _open.Change("42", ledger => ledger with
        {
            Devices = [device],
            Born = [Session(3, "42")],
            Dead = [Ended(1, 2, EndReason.TerminatedByLogin)],
            Journal = [Event(1, "42"), Event(2, "42", entry => entry with { Action = EventActions.Logout })],
        });

        var row = await _open.ReadLedger("42");
        Assert.Equal(2, row.State.Revision);
        Assert.Equal("2", row.ETag);
        Assert.Equal(device, Assert.Single(row.State.Devices));
        Assert.Equal([Session(2, "42"), Session(3, "42")], (await _open.Sessions.LoadByUser(new UserId("42"))).ToArray());
        Assert.Equal(EndReason.TerminatedByLogin, (await _open.Sessions.FindEnded(new SessionId(Id(1)), Now.AddDays(-1)))!.Reason);
        Assert.Equal(2, (await _open.Events.Search(new EventQuery([], null, null, null, false, 0, 10))).Count);
    }

    [Fact]
    public async Task The_stored_row_holds_no_born_dead_or_journal_and_the_given_state_keeps_them()
    {
        var given = new LedgerV1
        {
            Revision = 1, Born = [Session(1, "42")], Dead = [Ended(2, 1)], Journal = [Event(1, "42")],
        };
        var row = new GrainState<LedgerV1>(given);

        await _open.Storage.WriteStateAsync(LedgerV1.StateName, UserKey("42"), row);

        Assert.Same(given, row.State);
        Assert.Equal("1", row.ETag);
        Assert.True(row.RecordExists);
        var stored = (await _open.ReadLedger("42")).State;
        Assert.Empty(stored.Born);
        Assert.Empty(stored.Dead);
        Assert.Empty(stored.Journal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    [InlineData("3")]
    public async Task A_write_based_on_another_version_changes_nothing_in_any_table(string? etag)
    {
        await _open.Bear("42", Session(1, "42"));
        await _open.Change("42", ledger => ledger with { Journal = [Event(1, "42")] });
        var before = await _open.Everything();
        var row = new GrainState<LedgerV1>(Everywhere()) { ETag = etag };

        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(
            () => _open.Storage.WriteStateAsync(LedgerV1.StateName, UserKey("42"), row));

        Assert.Equal("2", conflict.StoredEtag);
        Assert.Equal(etag, conflict.CurrentEtag);
        Assert.Equal(etag, row.ETag);
        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task A_write_with_an_etag_of_a_missing_row_changes_nothing()
    {
        var before = await _open.Everything();
        var row = new GrainState<LedgerV1>(Everywhere()) { ETag = "1" };

        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(
            () => _open.Storage.WriteStateAsync(LedgerV1.StateName, UserKey("42"), row));

        Assert.Null(conflict.StoredEtag);
        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task A_write_that_bears_an_id_twice_changes_nothing_in_any_table()
    {
        await _open.Bear("42", Session(1, "42"));
        var before = await _open.Everything();

        await Assert.ThrowsAnyAsync<DbException>(() => _open.Change("42", ledger => ledger with
        {
            Born = [Session(2, "42"), Session(1, "42")],
            Dead = [Ended(1, 2)],
            Journal = [Event(1, "42")],
        }));

        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task A_write_that_repeats_an_event_changes_nothing_in_any_table()
    {
        await _open.Change("42", ledger => ledger with { Journal = [Event(1, "42")] });
        var before = await _open.Everything();

        await Assert.ThrowsAnyAsync<DbException>(() => _open.Change("42", ledger => ledger with
        {
            Born = [Session(2, "42")], Journal = [Event(2, "42"), Event(1, "42")],
        }));

        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task A_ledger_cannot_bear_a_session_of_another_user()
    {
        var before = await _open.Everything();

        await Assert.ThrowsAsync<InvalidOperationException>(() => _open.Bear("42", Session(1, "43")));

        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task A_ledger_cannot_end_a_session_of_another_user()
    {
        await _open.Bear("43", Session(1, "43"));
        var before = await _open.Everything();

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _open.Change("42", ledger => ledger with { Dead = [Ended(1, 1)], Journal = [Event(1, "42")] }));

        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task A_session_ended_a_second_time_keeps_its_first_reason()
    {
        await _open.Bear("42", Session(1, "42"));
        await _open.Change("42", ledger => ledger with { Dead = [Ended(1, 2, EndReason.BindingBroken)] });

        await _open.Change("42", ledger => ledger with { Dead = [Ended(1, 3, EndReason.LoggedOut)] });

        Assert.Equal(EndReason.BindingBroken, (await _open.Sessions.FindEnded(new SessionId(Id(1)), Now.AddDays(-1)))!.Reason);
    }

    [Fact]
    public async Task A_session_born_and_ended_by_one_write_is_ended()
    {
        await _open.Change("42", ledger => ledger with { Born = [Session(1, "42")], Dead = [Ended(1, 1)] });

        Assert.Empty(await _open.Sessions.LoadByUser(new UserId("42")));
        Assert.NotNull(await _open.Sessions.FindEnded(new SessionId(Id(1)), Now.AddDays(-1)));
    }

    [Fact]
    public async Task Ten_thousand_sessions_end_in_one_write()
    {
        await _open.Bear("42", [.. Enumerable.Range(1, 10_000).Select(number => Session(number, "42"))]);

        await _open.Change("42", ledger => ledger with { Dead = [.. Enumerable.Range(1, 10_000).Select(number => Ended(number, 2))] });

        Assert.Empty(await _open.Sessions.LoadByUser(new UserId("42")));
        Assert.Equal(10_000, (await _open.Sessions.EndedByRevision(new UserId("42"), 2)).Length);
    }

    [Fact]
    public async Task A_ledger_is_never_cleared()
    {
        await _open.Bear("42", Session(1, "42"));
        var row = await _open.ReadLedger("42");

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _open.Storage.ClearStateAsync(LedgerV1.StateName, UserKey("42"), row));

        Assert.True((await _open.ReadLedger("42")).RecordExists);
    }

    [Fact]
    public async Task Everything_is_there_after_closing_and_opening_again()
    {
        await _open.Bear("42", Session(1, "42"), Session(2, "42"));
        await _open.Change("42", ledger => ledger with { Dead = [Ended(1, 2)], Journal = [Event(1, "42")] });
        var before = await _open.Everything();

        _open.Reopen();

        Assert.Equal(before, await _open.Everything());
    }

    [Fact]
    public async Task User_keys_are_told_apart_by_case_and_kept_verbatim()
    {
        string[] users = ["cafe01", "CAFE01", "0CAFE01", "Žlutý kůň 🐎", "a'b\"c", "%_\\"];
        foreach (var (user, index) in users.Select((user, index) => (user, index)))
        {
            await _open.Bear(user, Session(index + 1, user, session => session with { Name = user, Data = "{\"x\":\"日本\"}" }));
        }

        foreach (var (user, index) in users.Select((user, index) => (user, index)))
        {
            var session = Assert.Single(await _open.Sessions.LoadByUser(new UserId(user)));
            Assert.Equal(Session(index + 1, user, row => row with { Name = user, Data = "{\"x\":\"日本\"}" }), session);
        }
    }

    private static LedgerV1 Everywhere() => new()
    {
        Revision = 99,
        Inactive = true,
        Born = [Session(7, "42")],
        Dead = [Ended(1, 99)],
        Journal = [Event(7, "42")],
    };
}
