using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.OpenStorage;

namespace SessionCluster.Storage.Tests;

public sealed class WriterTests : IDisposable
{
    private readonly OpenStorage _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task A_write_that_fails_between_others_of_its_group_fails_alone()
    {
        await _open.Bear("taken", Session(1, "taken"));
        using var gate = new Gate(_open.Database.Writer);
        Task[] good = [_open.Change("a", Bearing(2, "a")), _open.Change("b", Bearing(3, "b"))];
        Task bad = _open.Change("c", Bearing(1, "c"));
        Task[] after = [_open.Change("d", Bearing(4, "d")), _open.Change("e", Bearing(5, "e"))];

        gate.Open();

        await Assert.ThrowsAsync<SqliteException>(() => bad);
        await Task.WhenAll([.. good, .. after]);
        Assert.Equal(5, await _open.Number("SELECT count(*) FROM session"));
        Assert.Equal(0, await _open.Number("SELECT count(*) FROM ledger WHERE user_pk = 'c'"));
        Assert.Equal(4, await _open.Number("SELECT count(*) FROM event"));
        Assert.Equal(4, await _open.Number("SELECT max(seq) FROM event"));
    }

    [Fact]
    public async Task Writes_that_wait_together_are_committed_together_and_a_conflict_among_them_changes_nothing()
    {
        var commits = 0;
        using var gate = new Gate(_open.Database.Writer);
        _open.Database.Writer.BeforeCommit = () => Interlocked.Increment(ref commits);
        var writes = Enumerable.Range(1, 20).Select(number => _open.WriteFirst("42", Bearing(number, "42"))).ToArray();

        gate.Open();

        var done = await Task.WhenAll(writes.Select(Succeeds));
        Assert.Single(done, succeeded => succeeded);
        Assert.Equal(1, await _open.Number("SELECT count(*) FROM session"));
        Assert.Equal(1, await _open.Number("SELECT count(*) FROM event"));
        Assert.Equal(2, commits);
    }

    [Fact]
    public async Task Hundreds_of_parallel_writes_are_each_committed_once()
    {
        const int Users = 40;
        const int Rounds = 10;

        await Task.WhenAll(Enumerable.Range(0, Users).Select(async user =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                await _open.Change($"u{user}", Bearing((user * Rounds) + round, $"u{user}"));
            }
        }));

        Assert.Equal(Users * Rounds, await _open.Number("SELECT count(*) FROM session"));
        Assert.Equal(Users, await _open.Number($"SELECT count(*) FROM ledger WHERE version = {Rounds}"));
        Assert.Equal(Users * Rounds, await _open.Number("SELECT count(*) FROM event"));
        Assert.Equal(Users * Rounds, await _open.Number("SELECT max(seq) FROM event"));
    }

    [Fact]
    public async Task Writers_that_retry_after_a_conflict_lose_none_of_their_changes()
    {
        const int Writers = 16;

        await Task.WhenAll(Enumerable.Range(1, Writers).Select(async number =>
        {
            while (!await Succeeds(_open.Change("42", Bearing(number, "42"))))
            {
            }
        }));

        Assert.Equal(Writers, (await _open.ReadLedger("42")).State.Revision);
        Assert.Equal(Writers, await _open.Number("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_full_disk_fails_the_write_and_the_writer_goes_on_once_there_is_room()
    {
        await _open.Bear("42", Session(1, "42"));
        var pages = await _open.Number("PRAGMA page_count");
        await _open.Database.Writer.Write(link => link.Prepared($"PRAGMA max_page_count = {pages}").Number());
        var before = await _open.Everything();
        var large = new string('x', 100_000);

        var full = await Assert.ThrowsAsync<SqliteException>(
            () => _open.Bear("43", Session(2, "43", session => session with { Data = large })));

        Assert.Equal(13, full.SqliteErrorCode);
        Assert.Equal(before, await _open.Everything());
        await _open.Database.Writer.Write(link => link.Prepared("PRAGMA max_page_count = 1000000").Number());
        await _open.Bear("43", Session(2, "43", session => session with { Data = large }));
        Assert.Equal(2, await _open.Number("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_failed_commit_is_answered_only_after_another_commit_made_it_certain()
    {
        var attempts = 0;
        _open.Database.Writer.BeforeCommit = () =>
        {
            if (Interlocked.Increment(ref attempts) <= 3)
            {
                throw new IOException("no disk");
            }
        };

        var failure = await Assert.ThrowsAsync<IOException>(() => _open.Bear("42", Session(1, "42")));

        Assert.Contains("no disk", failure.Message, StringComparison.Ordinal);
        Assert.Equal(4, attempts);
        Assert.Equal(1, await _open.Number("SELECT times FROM settled"));
        Assert.Equal(0, await _open.Number("SELECT count(*) FROM ledger"));
        await _open.Bear("42", Session(1, "42"));
        Assert.Equal(1, await _open.Number("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_stop_while_a_failed_commit_is_not_settled_answers_that_the_outcome_is_unknown()
    {
        using var reached = new SemaphoreSlim(0);
        _open.Database.Writer.BeforeCommit = () =>
        {
            reached.Release();
            throw new IOException("no disk");
        };
        var write = _open.Bear("42", Session(1, "42"));
        await reached.WaitAsync();
        await reached.WaitAsync();

        _open.Database.Writer.BeforeCommit = () => throw new IOException("no disk");
        _open.Reopen();

        await Assert.ThrowsAsync<TimeoutException>(() => write);
        Assert.Equal(0, await _open.Number("SELECT count(*) FROM ledger"));
    }

    [Fact]
    public async Task A_stop_finishes_what_waits_and_refuses_what_comes_later()
    {
        var gate = new Gate(_open.Database.Writer);
        var stopped = _open.Database;
        var waiting = Enumerable.Range(1, 50).Select(number => _open.WriteFirst($"u{number}", Bearing(number, $"u{number}"))).ToArray();

        gate.Open();
        _open.Reopen();

        await Task.WhenAll(waiting);
        Assert.Equal(50, await _open.Number("SELECT count(*) FROM session"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stopped.Writer.Write(_ => true));
        gate.Dispose();
    }

    [Fact]
    public async Task A_write_beyond_the_queue_limit_fails_at_once_and_the_others_are_done()
    {
        using var open = new OpenStorage(new SqliteOptions { QueueLimit = 3 });
        using var gate = new Gate(open.Database.Writer);
        var waiting = Enumerable.Range(1, 3).Select(number => open.Database.Writer.Write(_ => number)).ToArray();

        var beyond = open.Database.Writer.Write(_ => 4);

        Assert.True(beyond.IsFaulted);
        await Assert.ThrowsAsync<IOException>(() => beyond);
        gate.Open();
        var done = await Task.WhenAll(waiting);
        Assert.Equal([1, 2, 3], done);
    }

    [Fact]
    public async Task A_group_is_never_larger_than_its_limit()
    {
        using var open = new OpenStorage(new SqliteOptions { GroupLimit = 4 });
        var commits = 0;
        using var gate = new Gate(open.Database.Writer);
        open.Database.Writer.BeforeCommit = () => Interlocked.Increment(ref commits);
        var waiting = Enumerable.Range(1, 10).Select(number => open.Database.Writer.Write(_ => number)).ToArray();

        gate.Open();
        await Task.WhenAll(waiting);

        Assert.Equal(4, commits);
    }

    [Fact]
    public async Task The_database_runs_in_wal_mode_and_flushes_every_commit()
    {
        var synchronous = await _open.Database.Writer.Write(link => link.Prepared("PRAGMA synchronous").Number());

        Assert.Equal(2, synchronous);
        using var reader = SqliteLink.OpenReader(Path.Combine(_open.Path, SqliteDatabase.FileName));
        using var mode = reader.Once("PRAGMA journal_mode").Query();
        mode.Read();
        Assert.Equal("wal", mode.GetString(0));
    }

    /// <summary>Holds the writer inside a write until opened, so that the writes queued meanwhile form one group.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly ManualResetEventSlim _open = new();

        private readonly Task<bool> _held;

        public Gate(SqliteWriter writer)
        {
            using var entered = new ManualResetEventSlim();
            _held = writer.Write(_ =>
            {
                entered.Set();
                _open.Wait();
                return true;
            });
            entered.Wait();
        }

        public void Open() => _open.Set();

        public void Dispose()
        {
            _open.Set();
            _held.Wait();
            _open.Dispose();
        }
    }
}
