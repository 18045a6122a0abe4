using System.Diagnostics;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteWriterTests() : WriterTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlWriterTests() : WriterTests(new OpenPostgreSql(new PostgreSqlOptions { Writers = 1 }));

/// <summary>Writes that wait together go as one transaction: each has to mean what it means alone.</summary>
public abstract class WriterTests : StorageTests
{
    private protected WriterTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task Writes_that_wait_together_are_committed_together()
    {
        var commits = 0;
        Task[] writes;
        using (await Gate.Close(Open))
        {
            Open.BeforeCommit = () => Interlocked.Increment(ref commits);
            writes = [.. Enumerable.Range(1, 20).Select(number => Open.WriteFirst($"u{number}", Login(number, $"u{number}")))];
        }

        await Task.WhenAll(writes);

        Assert.Equal(1, commits);
        Assert.Equal(20, await Open.Number("SELECT count(*) FROM session"));
        Assert.Equal(20, await Open.Number("SELECT count(*) FROM event"));
    }

    [SuiteFact]
    public async Task A_write_that_fails_between_others_of_its_group_fails_alone()
    {
        await Open.Create("taken", Session(1, "taken"));
        Task[] good;
        Task bad;
        using (await Gate.Close(Open))
        {
            good = [.. "abdefgh".Select((name, index) => Open.WriteFirst($"{name}", Login(index + 2, $"{name}")))];
            bad = Open.WriteFirst("c", Login(1, "c"));
            good = [.. good, Open.WriteFirst("i", Login(20, "i"))];
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        await Task.WhenAll(good);
        Assert.Equal(9, await Open.Number("SELECT count(*) FROM session"));
        Assert.Equal(0, await Open.Number("SELECT count(*) FROM ledger WHERE user_pk = 'c'"));
        Assert.Equal(8, await Open.Number("SELECT count(*) FROM event"));
        Assert.Empty(Open.Log.Errors);
    }

    [SuiteFact]
    public async Task A_text_that_ends_in_half_a_character_harms_no_other_write()
    {
        Task[] good;
        Task half;
        using (await Gate.Close(Open))
        {
            good = [Open.WriteFirst("a", Login(1, "a"))];
            half = Open.WriteFirst("b", ledger => ledger with { Created = [Session(2, "b", session => session with { LastUserAgent = "agent \ud83d" })] });
            good = [.. good, Open.WriteFirst("c", Login(3, "c"))];
        }

        await Task.WhenAll(good);
        await half;
        Assert.Equal("agent \ufffd", (await Open.ReadSession(2)).State.LastUserAgent);
        Assert.Equal("1 2 3", Numbers(await Open.Ids("session")));
    }

    [SuiteFact]
    public async Task A_ledger_that_ends_anothers_session_is_refused_alone()
    {
        await Open.Create("42", Session(1, "42"));
        Task[] good;
        Task bad;
        using (await Gate.Close(Open))
        {
            good = [Open.WriteFirst("a", Login(2, "a"))];
            bad = Open.WriteFirst("b", ledger => ledger with { Ended = [Ended(1, 1)] });
            good = [.. good, Open.WriteFirst("c", Login(3, "c"))];
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        await Task.WhenAll(good);
        Assert.Equal("1 2 3", Numbers(await Open.Ids("session")));
        Assert.Empty(await Open.Ids("ended"));
    }

    [SuiteFact]
    public async Task Of_writes_that_wait_together_the_one_at_another_version_writes_nothing_and_the_others_all()
    {
        await Open.Create("b", Session(1, "b"));
        Task<long?>[] writes;
        using (await Gate.Close(Open))
        {
            writes =
            [
                Write("a", null, Login(2, "a")),
                Write("b", null, ledger => Login(3, "b")(ledger) with { Ended = [Ended(1, 2)] }),
                Write("c", 5, Login(4, "c")),
                Write("d", null, Login(5, "d")),
                Write("e", 1, Login(6, "e")),
            ];
        }

        Assert.Equal([1, null, null, 1, null], await Task.WhenAll(writes));
        Assert.Equal("1 2 5", Numbers(await Open.Ids("session")));
        Assert.Empty(await Open.Ids("ended"));
        Assert.Equal("2 5", Numbers(await Open.Ids("event", "pk")));
        Assert.Equal(3, await Open.Number("SELECT count(*) FROM ledger"));
    }

    [SuiteFact]
    public async Task Of_first_writes_of_one_user_that_wait_together_one_is_made()
    {
        Task[] writes;
        using (await Gate.Close(Open))
        {
            writes = [.. Enumerable.Range(1, 20).Select(number => Open.WriteFirst("42", Login(number, "42")))];
        }

        var done = await Task.WhenAll(writes.Select(Succeeds));

        Assert.Equal([true, .. Enumerable.Repeat(false, 19)], done);
        Assert.Equal("1", Numbers(await Open.Ids("session")));
        Assert.Equal("1", Numbers(await Open.Ids("event", "pk")));
    }

    [SuiteFact]
    public async Task Updates_of_sessions_that_wait_together_are_committed_together_and_each_is_made_or_refused_for_itself()
    {
        const int Sessions = 60;
        var commits = 0;
        await Open.Create("42", [.. Enumerable.Range(1, Sessions).Select(number => Session(number, "42"))]);
        await Open.Change("42", ledger => ledger with { Ended = [Ended(7, 2)] });
        Task<bool>[] updates;
        using (await Gate.Close(Open, () => Update(1)))
        {
            Open.BeforeCommit = () => Interlocked.Increment(ref commits);
            updates = [.. Enumerable.Range(2, Sessions - 1).Reverse().Select(number => Succeeds(Update(number, number == 8 ? "3" : "1")))];
        }

        Assert.Equal(Enumerable.Range(2, Sessions - 1).Reverse().Select(number => number is not (7 or 8)), await Task.WhenAll(updates));
        Assert.Equal(1, commits);
        Assert.Equal(Sessions - 1, await Open.Number(Open.SoundSessions));
        Assert.Equal(Sessions - 2, await Open.Number("SELECT count(*) FROM session WHERE version = 2 AND last_ip <> '192.0.2.1'"));
        Assert.Equal(Now.AddSeconds(30), (await Open.ReadSession(30)).State.LastUsed);

        Task Update(int number, string version = "1") => Open.WriteSession(
            number, new Held<SessionV1>(Session(number, "42", session => session with { LastUsed = Now.AddSeconds(number), LastIp = $"ip{number}" }), version));
    }

    [SuiteFact]
    public async Task Hundreds_of_parallel_writes_are_each_committed_once()
    {
        const int Users = 40;
        const int Rounds = 10;

        await Task.WhenAll(Enumerable.Range(0, Users).Select(async user =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                await Open.Change($"u{user}", Login((user * Rounds) + round, $"u{user}"));
            }
        }));

        Assert.Equal(Users * Rounds, await Open.Number("SELECT count(*) FROM session"));
        Assert.Equal(Users, await Open.Number($"SELECT count(*) FROM ledger WHERE version = {Rounds}"));
        Assert.Equal(Users * Rounds, await Open.Number("SELECT count(*) FROM event"));
    }

    [SuiteFact]
    public async Task Writers_that_retry_after_a_conflict_lose_none_of_their_changes()
    {
        const int Writers = 16;

        await Task.WhenAll(Enumerable.Range(1, Writers).Select(async number =>
        {
            while (!await Succeeds(Open.Change("42", Login(number, "42"))))
            {
            }
        }));

        Assert.Equal(Writers, (await Open.ReadLedger("42")).State.Revision);
        Assert.Equal(Writers, await Open.Number("SELECT count(*) FROM session"));
    }

    [SuiteFact]
    public async Task A_commit_that_fails_answers_at_once_that_its_outcome_is_unknown_and_later_writes_go_on()
    {
        Open.BeforeCommit = () => throw new IOException("no disk");
        var since = Stopwatch.GetTimestamp();
        var failures = await Task.WhenAll(Enumerable.Range(1, 5).Select(number =>
            Assert.ThrowsAsync<StorageUnavailableException>(() => Open.WriteFirst($"u{number}", Login(number, $"u{number}")))));

        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.All(failures, failure => Assert.True(failure.OutcomeUnknown));
        Assert.All(failures, failure => Assert.Contains("no disk", failure.ToString(), StringComparison.Ordinal));
        Assert.Single(Open.Log.Errors);
        Open.BeforeCommit = null;
        Assert.Equal(0, await Open.Number("SELECT count(*) FROM ledger"));
        await Open.Create("u1", Session(1, "u1"));
        Assert.Equal(1, await Open.Number("SELECT count(*) FROM session"));
    }

    [SuiteFact]
    public async Task A_stop_finishes_what_waits_and_refuses_what_comes_later()
    {
        var stopped = Open.Opened;
        Task[] waiting;
        using (await Gate.Close(Open))
        {
            waiting = [.. Enumerable.Range(1, 50).Select(number => Open.WriteFirst($"u{number}", Login(number, $"u{number}")))];
        }

        await Open.Reopen();

        await Task.WhenAll(waiting);
        Assert.Equal(50, await Open.Number("SELECT count(*) FROM session"));
        var write = await Assert.ThrowsAsync<StorageUnavailableException>(() => stopped.Write(new LedgerChange("a", null, LedgerRows.From(new LedgerV1()))));
        Assert.False(write.OutcomeUnknown);
        await Assert.ThrowsAsync<StorageUnavailableException>(
            () => stopped.Read(new StateQuery(StateKind.Ledger, LedgerV1.StateName, new UserId("a").GrainKey, null)));
    }

    private Task<long?> Write(string user, long? expected, Func<LedgerV1, LedgerV1> change) =>
        Open.Opened.Write(new LedgerChange(user, expected, LedgerRows.From(change(new LedgerV1()))));
}
