using System.Diagnostics;
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
