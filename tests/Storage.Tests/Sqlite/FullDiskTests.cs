using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using SessionCluster.Silo.Storage;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests.Sqlite;

public sealed class FullDiskTests
{
    /// <summary>Less than the five seconds for which SQLite waits where it waits, with room for a machine that is busy.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task A_database_that_may_not_grow_fails_writes_at_once_with_a_message_that_names_the_storage_and_says_so_once()
    {
        await using var open = new OpenSqlite();
        await open.Start();
        await open.Create("42", Session(1, "42"));
        var pages = await open.Number("PRAGMA page_count");
        await open.Database.Writer.Write(link => link.Prepared($"PRAGMA max_page_count = {pages}").Number());
        var before = await open.Everything();

        await FailsAtOnce(open);

        Assert.Equal(before, await open.Everything());
        await open.Database.Writer.Write(link => link.Prepared("PRAGMA max_page_count = 1000000").Number());
        await open.Create("43", Large(2, "43"));
        Assert.Equal(2, await open.Number("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_commit_for_which_there_is_no_room_fails_at_once_and_wrote_nothing()
    {
        await using var open = new OpenSqlite();
        await open.Start();
        open.BeforeCommit = () => throw new Microsoft.Data.Sqlite.SqliteException("database or disk is full", 13);
        var since = Stopwatch.GetTimestamp();

        var full = await Assert.ThrowsAsync<StorageUnavailableException>(() => open.Create("42", Session(1, "42")));

        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, AtOnce);
        Assert.False(full.OutcomeUnknown);
        Assert.Contains("The storage (sqlite) takes no writes; nothing was written.", full.Message, StringComparison.Ordinal);
        open.BeforeCommit = null;
        await open.Create("42", Session(1, "42"));
        Assert.Equal(1, await open.Number("SELECT count(*) FROM session"));
    }

    [SmallDiskFact]
    public async Task A_disk_without_room_fails_writes_at_once_and_reads_go_on_and_writes_once_there_is_room()
    {
        using var disk = new SmallDisk();
        await using var open = new OpenSqlite(path: disk.In("data"));
        await open.Start();
        await open.Create("42", Session(1, "42"));
        disk.Fill();
        var before = await open.Everything();

        await FailsAtOnce(open);

        Assert.Equal(before, await open.Everything());
        Assert.Equal(1, (await open.ReadLedger("42")).State.Revision);
        disk.Free();
        await open.Create("43", Large(2, "43"));
        Assert.Equal(2, await open.Number("SELECT count(*) FROM session"));
        await open.Reopen();
        Assert.Equal(2, await open.Number("SELECT count(*) FROM session"));
        Assert.Equal(1, await open.Number("SELECT integrity_check = 'ok' FROM pragma_integrity_check"));
    }

    [SmallDiskFact]
    public async Task A_full_disk_is_not_ready_though_nobody_writes_and_is_once_there_is_room()
    {
        using var disk = new SmallDisk();
        var time = new FakeTimeProvider();
        await using var open = new OpenSqlite(path: disk.In("data")) { Time = time };
        await open.Start();
        await open.Probe.Write();
        var logged = new FileInfo(disk.In("data/sessions.db-wal")).Length;
        await open.Probe.Write();
        Assert.True(new FileInfo(disk.In("data/sessions.db-wal")).Length > logged);

        disk.Fill();

        await FailsOnceRoomIsUsedUp(open.Probe);
        disk.Free();
        time.Advance(WriteFailures.Quiet);
        await open.Probe.Write();
        Assert.Single(open.Log.Informations);
    }

    [SmallDiskFact]
    public async Task While_a_small_write_finds_room_in_the_log_and_others_find_none_it_is_neither_ready_nor_said_to_be_over()
    {
        using var disk = new SmallDisk();
        var time = new FakeTimeProvider();
        await using var open = new OpenSqlite(path: disk.In("data")) { Time = time };
        await open.Start();
        for (var number = 1; number <= 10; number++)
        {
            await open.Create("42", Large(number, "42"));
        }

        using (var other = SqliteLink.OpenWriter(disk.In("data/sessions.db"), new SqliteOptions()))
        {
            Assert.Equal(0, other.Prepared("PRAGMA wal_checkpoint(PASSIVE)").Number());
        }

        disk.Fill();
        await open.Probe.Write();
        await Assert.ThrowsAsync<StorageUnavailableException>(() => open.WriteFirst("43", ledger => ledger with { Created = [.. Enumerable.Range(100, 20).Select(number => Large(number, "43"))] }));

        for (var minute = 0; minute < 3; minute++)
        {
            await Assert.ThrowsAsync<IOException>(open.Probe.Write);
            time.Advance(WriteFailures.ReportEvery);
        }

        Assert.Empty(open.Log.Informations);
        disk.Free();
        await open.Probe.Write();
        Assert.Single(open.Log.Informations);
    }

    [SmallDiskFact]
    public async Task A_log_that_cannot_be_checkpointed_is_reported_once_a_minute_and_is_once_there_is_room()
    {
        using var disk = new SmallDisk();
        var time = new FakeTimeProvider();
        await using var open = new OpenSqlite(path: disk.In("data")) { Time = time };
        await open.Start();
        using (var reader = SqliteLink.OpenReader(disk.In("data/sessions.db")))
        {
            // A reader of an older moment keeps the log from being checkpointed before the disk is full.
            reader.Prepared("BEGIN").Execute();
            Assert.Equal(0, reader.Prepared("SELECT count(*) FROM session").Number());
            await open.Create("42", Large(1, "42"));
            for (var write = 0; write < 45; write++)
            {
                // The log gets longer than what makes it worth cutting, the database does not: the disk has room for both.
                var row = await open.ReadSession(1);
                row.State = row.State with { Data = new string((char)('a' + (write % 2)), 100_000) };
                await open.WriteSession(1, row);
            }

            disk.Fill();
            reader.Prepared("COMMIT").Execute();
        }

        await Poll.Until(() => Task.FromResult(open.Log.Errors.Count > 0));
        for (var second = 0; second < 20; second++)
        {
            await Task.Delay(SqliteCheckpointer.QuietMoment);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Contains("could not be checkpointed", Assert.Single(open.Log.Errors), StringComparison.Ordinal);
        time.Advance(WriteFailures.ReportEvery);
        await Poll.Until(() => Task.FromResult(open.Log.Errors.Count == 2));
        disk.Free();
        await Poll.Until(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(new FileInfo(disk.In("data/sessions.db-wal")).Length == 0);
        });
        Assert.Equal(1, await open.Number("SELECT count(*) FROM session"));
    }

    [SmallDiskFact]
    public async Task A_start_on_a_full_disk_says_so_and_goes_well_once_there_is_room()
    {
        using var disk = new SmallDisk();
        await using var open = new OpenSqlite(path: disk.In("data"));
        await open.Start();
        await open.Create("42", Session(1, "42"));
        await open.Close();
        disk.Fill();

        var refused = await Assert.ThrowsAsync<StorageStartException>(open.Start);

        Assert.StartsWith($"The disk of {disk.In("data")} is full", refused.Message, StringComparison.Ordinal);
        await open.Close();
        disk.Free();
        await open.Start();
        Assert.Equal(1, await open.Number("SELECT count(*) FROM session"));
    }

    private static Sessions.SessionV1 Large(int number, string user) => Session(number, user, session => session with { Data = new string('x', 100_000) });

    /// <summary>Within a page or two: a write that was taken used up what was left.</summary>
    private static async Task FailsOnceRoomIsUsedUp(IStorageProbe probe)
    {
        for (var attempt = 0; attempt < 4 && await Record.ExceptionAsync(probe.Write) is null; attempt++)
        {
        }

        await Assert.ThrowsAnyAsync<Exception>(probe.Write);
    }

    private static async Task FailsAtOnce(OpenSqlite open)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var since = Stopwatch.GetTimestamp();
            var writes = Enumerable.Range(0, 20).Select(number => open.WriteFirst($"u{number}", ledger => ledger with { Created = [Large(100 + number, $"u{number}")] }));
            var failures = await Task.WhenAll(writes.Select(write => Assert.ThrowsAsync<StorageUnavailableException>(() => write)));

            Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, AtOnce);
            Assert.All(failures, failure => Assert.Contains("The storage (sqlite)", failure.Message, StringComparison.Ordinal));
        }

        Assert.Single(open.Log.Errors);
        Assert.Empty(open.Log.Informations);
    }
}
