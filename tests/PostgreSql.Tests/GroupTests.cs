using Npgsql;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.OpenStorage;

namespace SessionCluster.Storage.Tests;

/// <summary>What waits together goes in one statement: it has to mean what each write and each read means alone.</summary>
public sealed class GroupTests : IDisposable
{
    private readonly OpenStorage _open = new(new PostgreSqlOptions { Writers = 1, StateReaders = 1 });

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task Ledgers_written_together_leave_the_rows_that_each_leaves_by_the_clusters_statement()
    {
        LedgerV1[] first =
        [
            new() { Revision = 1, Born = [Session(1, "a"), At(Session(2, "a"), 64500, "CZ")], Journal = [Event(1, "a"), Event(2, "a")] },
            new() { Revision = 1, Born = [Session(3, "b", row => row with { IdleMicros = 5, Data = """{"x":"\u00e9\"'"}""" })] },
            new() { Revision = 1, Journal = [Event(3, "c", entry => entry with { ClientIp = null, Session = null })] },
        ];
        LedgerV1[] second =
        [
            new() { Revision = 2, Born = [Session(4, "a")], Dead = [Ended(1, 2), Ended(2, 2, EndReason.TerminatedByLogin)], Journal = [Event(4, "a")] },
            new() { Revision = 2, Dead = [Ended(3, 2), Ended(9, 2)] },
            new() { Revision = 2 },
        ];
        using var alone = new OpenStorage();

        foreach (var (ledgers, expected) in ((LedgerV1[], int?)[])[(first, null), (second, 1), (second, 1)])
        {
            Task<int?>[] together;
            using (await Gate.Close(_open))
            {
                together = [.. ledgers.Select((ledger, index) => _open.Writer.Write(Change(User(index), ledger, expected)))];
            }

            var versions = await Task.WhenAll(together);
            for (var index = 0; index < ledgers.Length; index++)
            {
                Assert.Equal(versions[index], await WriteAlone(alone, User(index), expected, ledgers[index]));
            }
        }

        Assert.Equal(await Rows(alone), await Rows(_open));
        Assert.Equal(await _open.Number("SELECT count(*) FROM session"), await _open.Number(SoundSessions));
    }

    [Fact]
    public async Task Of_ledgers_written_together_the_one_at_another_version_writes_nothing_and_the_others_all()
    {
        await _open.Bear("b", Session(1, "b"));
        Task<int?>[] writes;
        using (await Gate.Close(_open))
        {
            writes =
            [
                _open.Writer.Write(Change("a", First(2, "a"), null)),
                _open.Writer.Write(Change("b", First(3, "b") with { Dead = [Ended(1, 2)] }, null)),
                _open.Writer.Write(Change("c", First(4, "c"), 5)),
                _open.Writer.Write(Change("d", First(5, "d"), null)),
            ];
        }

        Assert.Equal([1, null, null, 1], await Task.WhenAll(writes));
        Assert.Equal([Id(1), Id(2), Id(5)], await Ids("session"));
        Assert.Equal(0, await _open.Number("SELECT count(*) FROM ended"));
        Assert.Equal([Id(2), Id(5)], await Ids("event", "pk"));
        Assert.Equal(0, await _open.Number("SELECT count(*) FROM ledger WHERE user_pk = 'c'"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Writes_of_one_user_in_a_group_keep_their_order(bool useFirst)
    {
        await _open.Bear("a", Session(1, "a"));
        var use = new DocumentChange(SessionV1.StateName, SessionKey(Id(1)).Key, 1, StateDocument.Write(Session(1, "a") with { LastUsed = Now.AddMinutes(1) }), "a");
        var end = Change("a", new LedgerV1 { Dead = [Ended(1, 2)] }, 1);
        StateChange[] changes = useFirst ? [use, end] : [end, use];
        Task<int?>[] writes;
        using (await Gate.Close(_open))
        {
            writes = [.. changes.Select(_open.Writer.Write)];
        }

        var versions = await Task.WhenAll(writes);

        // What has ended is not used any more, and a use does not keep a session from ending.
        Assert.Equal(useFirst ? [2, 2] : [2, null], versions);
        Assert.Empty(await Ids("session"));
        Assert.Equal([Id(1)], await Ids("ended"));
    }

    [Fact]
    public async Task A_ledger_that_ends_anothers_session_is_refused_alone()
    {
        await _open.Bear("42", Session(1, "42"));
        Task<int?>[] good;
        Task<int?> bad;
        using (await Gate.Close(_open))
        {
            good = [_open.Writer.Write(Change("a", First(2, "a"), null))];
            bad = _open.Writer.Write(Change("b", new LedgerV1 { Dead = [Ended(1, 1)] }, null));
            good = [.. good, _open.Writer.Write(Change("c", First(3, "c"), null))];
        }

        var refused = await Assert.ThrowsAsync<PostgresException>(() => bad);

        Assert.Equal(PostgreSqlWriter.RuleBroken, refused.SqlState);
        Assert.Equal([1, 1], await Task.WhenAll(good));
        Assert.Equal([Id(1), Id(2), Id(3)], await Ids("session"));
    }

    [Fact]
    public async Task The_statement_refuses_a_user_twice()
    {
        var twice = LedgersCommand.Make([new PendingWrite(Change("a", First(1, "a"), null)), new PendingWrite(Change("a", First(2, "a"), null))]);
        await using var connection = await _open.Database.Source.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { twice } };

        var refused = await Assert.ThrowsAsync<PostgresException>(() => batch.ExecuteNonQueryAsync());

        Assert.Equal(PostgreSqlWriter.RuleBroken, refused.SqlState);
    }

    [Fact]
    public async Task States_read_together_each_get_their_own()
    {
        await _open.Bear("a", Session(1, "a"));
        await _open.Bear("b", Session(2, "b"), Session(3, "b"));
        await _open.Change("b", ledger => ledger with { Dead = [Ended(3, 2)] });
        var plan = new GrainState<PlanV1>(new PlanV1());
        await _open.Storage.WriteStateAsync("plan", new GrainId("plan", "p:1"), plan);
        await _open.Storage.ClearStateAsync("plan", new GrainId("plan", "p:1"), plan);
        await _open.Storage.WriteStateAsync("plan", new GrainId("plan", "p:2"), new GrainState<PlanV1>(new PlanV1()));
        (StateKind Kind, string State, string Key, string? Holds, int? Version)[] asked =
        [
            (StateKind.Ledger, LedgerV1.StateName, UserKey("b").Key, "\"revision\":2", 2),
            (StateKind.Session, SessionV1.StateName, SessionKey(Id(3)).Key, null, null),
            (StateKind.Other, "plan", "p:2", "\"schema\":1", 1),
            (StateKind.Session, SessionV1.StateName, SessionKey(Id(2)).Key, $"{Id(2)}", 1),
            (StateKind.Ledger, LedgerV1.StateName, UserKey("nobody").Key, null, null),
            (StateKind.Other, "plan", "p:1", null, 2),
            (StateKind.Session, SessionV1.StateName, SessionKey(Id(1)).Key, $"{Id(1)}", 1),
            (StateKind.Ledger, LedgerV1.StateName, UserKey("a").Key, "\"revision\":1", 1),
            (StateKind.Other, "plan", "p:3", null, null),
            (StateKind.Other, "other", "p:2", null, null),
        ];
        await CountReads();
        await using var other = await _open.Database.Source.OpenConnectionAsync();
        await using var locking = await other.BeginTransactionAsync();
        await other.Command("LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE").Run();

        // The first waits for the lock in a statement of its own, and all others wait for that.
        var waiting = _open.Reader.Read(StateKind.Ledger, LedgerV1.StateName, UserKey("a").Key);
        while (await _open.Number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == 0)
        {
            await Task.Delay(5);
        }

        var reads = asked.Select(read => _open.Reader.Read(read.Kind, read.State, read.Key)).ToArray();
        await locking.CommitAsync();
        var states = await Task.WhenAll(reads);

        Assert.Equal(1, (await waiting)!.Version);
        Assert.Equal(asked.Select(read => read.Version), states.Select(state => state?.Version));
        Assert.All(asked.Zip(states), pair =>
            Assert.Contains(pair.First.Holds ?? "", pair.Second?.Payload is { } payload ? System.Text.Encoding.UTF8.GetString(payload) : "", StringComparison.Ordinal));
        Assert.Equal(2, await _open.Number("SELECT last_value FROM reads"));
    }

    [Fact]
    public async Task A_read_after_the_stop_is_refused()
    {
        var stopped = _open.Reader;
        _open.Reopen();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => stopped.Read(StateKind.Ledger, LedgerV1.StateName, UserKey("a").Key));
    }

    [Theory]
    [InlineData("ledger")]
    [InlineData("session")]
    [InlineData("grain_state")]
    public async Task Grouped_statements_go_by_keys_also_where_tables_were_small_when_their_plans_were_made(string table)
    {
        await _open.Bear("a", Session(1, "a"), Session(2, "a"));
        await _open.Storage.WriteStateAsync("plan", new GrainId("plan", "p:1"), new GrainState<PlanV1>(new PlanV1()));
        await _open.Execute("VACUUM ANALYZE");
        await using var connection = await _open.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        await connection.Command(
            "SELECT read_states($1, $2, $3, $4)", new[] { "a" }, new[] { Id(1) }, new[] { "plan" }, new[] { "p:1" }).Rows(_ => true);
        await using (var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { LedgersCommand.Make([new PendingWrite(Change("a", First(3, "a") with { Dead = [Ended(1, 2)] }, 1))]) },
        })
        {
            await batch.ExecuteNonQueryAsync();
        }

        var scans = await connection.Command($"SELECT seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relname = '{table}'")
            .Rows(reader => (Whole: reader.GetInt64(0), ByKey: reader.GetInt64(1)));

        Assert.Equal(0, scans.Single().Whole);
        Assert.NotEqual(0, scans.Single().ByKey);
    }

    private static string User(int index) => ((char)('a' + index)).ToString();

    private static LedgerV1 First(int number, string user) => Bearing(number, user)(new LedgerV1());

    private static LedgerChange Change(string user, LedgerV1 ledger, int? expected) => new(user, expected, LedgerRows.From(ledger));

    private static async Task<int?> WriteAlone(OpenStorage open, string user, int? expected, LedgerV1 ledger)
    {
        var versions = await open.Database.Source.Command(
            "SELECT write_state('ledger', $1, $2::integer, $3)", UserKey(user).Key, expected, StateDocument.Write(ledger)).Rows(reader => reader.GetInt32(0));
        return versions.Count == 0 ? null : versions[0];
    }

    /// <summary>All rows but for the place in the log, which depends on transactions.</summary>
    private static async Task<List<string>> Rows(OpenStorage open) => await open.Database.Source.Command(
        """
        SELECT 'ledger', row_to_json(t)::jsonb FROM ledger t UNION ALL SELECT 'session', row_to_json(t)::jsonb FROM session t
        UNION ALL SELECT 'ended', row_to_json(t)::jsonb FROM ended t
        UNION ALL SELECT 'event', row_to_json(t)::jsonb - 'tx' - 'seq' FROM event t
        ORDER BY 1, 2
        """).Rows(reader => $"{reader.GetString(0)} {reader.GetString(1)}");

    private Task<List<Guid>> Ids(string table, string column = "id") =>
        _open.Database.Source.Command($"SELECT {column} FROM {table} ORDER BY 1").Rows(reader => reader.GetGuid(0));

    /// <summary>Lets each statement that reads states count itself.</summary>
    private Task CountReads() => _open.Execute(
        """
        CREATE SEQUENCE reads;
        ALTER FUNCTION read_states RENAME TO read_uncounted;
        CREATE FUNCTION read_states(a text[], b uuid[], c text[], d text[])
        RETURNS TABLE (kind integer, place bigint, payload json, version integer) LANGUAGE plpgsql AS $f$
        BEGIN
          PERFORM nextval('reads');
          RETURN QUERY SELECT * FROM read_uncounted(a, b, c, d);
        END $f$
        """);
}
