using Npgsql;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.OpenStorage;

namespace SessionCluster.Storage.Tests;

public sealed class WriterTests : IDisposable
{
    private readonly OpenStorage _open = new(new PostgreSqlOptions { Writers = 1 });

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task A_write_that_fails_between_others_of_its_group_fails_alone()
    {
        await _open.Bear("taken", Session(1, "taken"));
        Task[] good;
        Task bad;
        using (await Gate.Close(_open))
        {
            good = [.. "abdefgh".Select((name, index) => _open.WriteFirst($"{name}", Bearing(index + 2, $"{name}")))];
            bad = _open.WriteFirst("c", Bearing(1, "c"));
            good = [.. good, _open.WriteFirst("i", Bearing(20, "i"))];
        }

        var refused = await Assert.ThrowsAsync<PostgresException>(() => bad);
        await Task.WhenAll(good);

        Assert.Equal(PostgresErrorCodes.UniqueViolation, refused.SqlState);
        Assert.Equal(9, await _open.Number("SELECT count(*) FROM session"));
        Assert.Equal(0, await _open.Number("SELECT count(*) FROM ledger WHERE user_pk = 'c'"));
        Assert.Equal(8, await _open.Number("SELECT count(*) FROM event"));
    }

    [Fact]
    public async Task Writes_that_wait_together_are_committed_together_and_a_conflict_among_them_changes_nothing()
    {
        Task[] writes;
        var before = await _open.Number("SELECT committed FROM writer_fence");
        using (await Gate.Close(_open))
        {
            writes = [.. Enumerable.Range(1, 20).Select(number => _open.WriteFirst("42", Bearing(number, "42")))];
        }

        var done = await Task.WhenAll(writes.Select(Succeeds));

        Assert.Single(done, succeeded => succeeded);
        Assert.Equal(1, await _open.Number("SELECT count(*) FROM session"));
        Assert.Equal(1, await _open.Number("SELECT count(*) FROM event"));
        Assert.Equal(before + 1, await _open.Number("SELECT committed FROM writer_fence"));
    }

    [Fact]
    public async Task Hundreds_of_parallel_writes_in_two_lanes_are_each_committed_once()
    {
        const int Users = 40;
        const int Rounds = 10;
        using var open = new OpenStorage();

        await Task.WhenAll(Enumerable.Range(0, Users).Select(async user =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                await open.Change($"u{user}", Bearing((user * Rounds) + round, $"u{user}"));
            }
        }));

        Assert.Equal(Users * Rounds, await open.Number("SELECT count(*) FROM session"));
        Assert.Equal(Users, await open.Number($"SELECT count(*) FROM ledger WHERE version = {Rounds}"));
        Assert.Equal(Users * Rounds, await open.Number("SELECT count(*) FROM event"));
        Assert.Equal(2, await open.Number("SELECT count(*) FROM writer_fence WHERE committed > 0"));
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
    public async Task A_refusal_at_the_commit_itself_is_heard()
    {
        await _open.Execute(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 'no such event'; END $f$;
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
            """);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => _open.WriteFirst("42", Bearing(1, "42")));

        Assert.Equal("no such event", refused.MessageText);
        Assert.Equal(0, await _open.Number("SELECT count(*) FROM ledger"));
        await _open.Bear("42", Session(1, "42"));
    }

    [Fact]
    public async Task A_stop_finishes_what_waits_and_refuses_what_comes_later()
    {
        var stopped = _open.Writer;
        Task[] waiting;
        using (await Gate.Close(_open))
        {
            waiting = [.. Enumerable.Range(1, 50).Select(number => _open.WriteFirst($"u{number}", Bearing(number, $"u{number}")))];
        }

        _open.Reopen();

        await Task.WhenAll(waiting);
        Assert.Equal(50, await _open.Number("SELECT count(*) FROM session"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stopped.Write(new DocumentChange("x", "y", null, "{}"u8.ToArray(), "z")));
    }

    [Fact]
    public async Task A_write_beyond_the_queue_limit_fails_at_once_and_the_others_are_done()
    {
        using var open = new OpenStorage(new PostgreSqlOptions { Writers = 1, QueueLimit = 3 });
        Task<int?>[] waiting;
        Task<int?> beyond;
        using (await Gate.Close(open))
        {
            waiting = [.. Enumerable.Range(1, 3).Select(number => open.Writer.Write(new DocumentChange("x", $"{number}", null, "{}"u8.ToArray(), "z")))];
            beyond = open.Writer.Write(new DocumentChange("x", "4", null, "{}"u8.ToArray(), "z"));
            Assert.True(beyond.IsFaulted);
        }

        await Assert.ThrowsAsync<IOException>(() => beyond);
        Assert.Equal([1, 1, 1], await Task.WhenAll(waiting));
    }
}
