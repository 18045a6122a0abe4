using Npgsql;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests.PostgreSql;

/// <summary>The statements that write and read many states at once.</summary>
public sealed class GroupTests : IAsyncLifetime
{
    private readonly OpenPostgreSql _open = new(new PostgreSqlOptions { Writers = 1, StateReaders = 1 });

    public Task InitializeAsync() => _open.Start();

    public async Task DisposeAsync() => await _open.DisposeAsync();

    [PostgreSqlFact]
    public async Task Ledgers_written_together_leave_the_rows_that_each_leaves_alone()
    {
        LedgerV1[] first =
        [
            new() { Revision = 1, Created = [Session(1, "a"), At(Session(2, "a"), 64500, "CZ")], Events = [Event(1, "a"), Event(2, "a")] },
            new() { Revision = 1, Created = [Session(3, "b", row => row with { IdleMicros = 5, Data = """{"x":"\u00e9\"'"}""" })] },
            new() { Revision = 1, Events = [Event(3, "c", entry => entry with { ClientIp = null, Session = null })] },
        ];
        LedgerV1[] second =
        [
            new() { Revision = 2, Created = [Session(4, "a")], Ended = [Ended(2, 2, EndReason.TerminatedByLogin), Ended(1, 2)], Events = [Event(4, "a")] },
            new() { Revision = 2, Ended = [Ended(3, 2), Ended(9, 2)] },
            new() { Revision = 2 },
        ];
        await using var alone = new OpenPostgreSql();
        await alone.Start();

        foreach (var (ledgers, expected) in ((LedgerV1[], long?)[])[(first, null), (second, 1), (second, 1)])
        {
            Task<long?>[] together;
            using (await Gate.Close(_open))
            {
                together = [.. ledgers.Select((ledger, index) => _open.Opened.Write(Change(User(index), ledger, expected)))];
            }

            var versions = await Task.WhenAll(together);
            for (var index = 0; index < ledgers.Length; index++)
            {
                Assert.Equal(versions[index], await alone.Opened.Write(Change(User(index), ledgers[index], expected)));
            }
        }

        Assert.Equal(await AllRows(alone), await AllRows(_open));
        Assert.Equal(await _open.Number("SELECT count(*) FROM session"), await _open.Number(_open.SoundSessions));
    }

    [PostgreSqlFact]
    public async Task The_statement_refuses_a_user_twice()
    {
        await using var connection = await _open.Database.Source.OpenConnectionAsync();
        await using var twice = GroupCommands.Ledgers([new PendingWrite(Change("a", First(1, "a"), null), default), new PendingWrite(Change("a", First(2, "a"), null), default)]);
        twice.Connection = connection;

        var refused = await Assert.ThrowsAsync<PostgresException>(() => twice.ExecuteNonQueryAsync());

        Assert.Equal("SC001", refused.SqlState);
    }

    [PostgreSqlFact]
    public async Task States_read_together_each_get_their_own_in_one_statement()
    {
        await _open.Create("a", Session(1, "a"));
        await _open.Create("b", Session(2, "b"), Session(3, "b"));
        var now = TimeProvider.System.GetUtcNow();
        await _open.Change("b", ledger => ledger with { Ended = [Ended(3, 2) with { EndedAt = now }] });
        await CountReads();
        await using var other = await _open.Database.Source.OpenConnectionAsync();
        await using var locking = await other.BeginTransactionAsync();
        await other.Command("LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE").Run();

        // The first waits for the lock in a statement of its own, and all others wait for that.
        var waiting = Ledger("a");
        while (await _open.Number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == 0)
        {
            await Task.Delay(5);
        }

        Task<StoredState?>[] reads =
        [
            Ledger("b"), One(3), One(2), Ledger("nobody"), Ledger("b", known: 2), One(1), Ledger("a"), Ledger("b", known: 1),
        ];
        await locking.CommitAsync();
        var states = await Task.WhenAll(reads);

        Assert.Equal(1, (await waiting)!.Version);
        Assert.Equal([2, null, 1, null, 2, 1, 1, 2], states.Select(state => state?.Version));
        Assert.Equal([1, null, 0, null, 0, 0, 1, 1], states.Select(state => state?.Live.Count));
        Assert.Equal([1, null, 0, null, 0, 0, 0, 1], states.Select(state => state?.EndedLately.Count));
        Assert.Equal(Id(2), SessionRow.Read(states[0]!.Live[0]).Id);
        Assert.Equal(Id(2), SessionRow.Read(states[2]!.Payload!).Id);
        Assert.Null(states[4]!.Payload);
        Assert.Equal(2, await _open.Number("SELECT last_value FROM reads"));

        Task<StoredState?> Ledger(string user, long? known = null) =>
            _open.Opened.Read(new StateQuery(StateKind.Ledger, LedgerV1.StateName, new UserId(user).GrainKey, known));
        Task<StoredState?> One(int number) =>
            _open.Opened.Read(new StateQuery(StateKind.Session, SessionV1.StateName, new SessionId(Id(number)).GrainKey, null));
    }

    [PostgreSqlTheory]
    [InlineData("ledger")]
    [InlineData("session")]
    [InlineData("ended")]
    public async Task Grouped_statements_go_by_keys_also_where_tables_were_small_when_their_plans_were_made(string table)
    {
        await _open.Create("a", Session(1, "a"), Session(2, "a"));
        await _open.Change("a", ledger => ledger with { Ended = [Ended(2, 2)] });
        await _open.Execute("VACUUM ANALYZE");
        await using var connection = await _open.Database.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        await connection.Command(
            "SELECT read_states($1, $2, $3, $4)", new[] { "a" }, new long?[] { null }, 0L, new[] { Id(1) }).Rows(_ => true);
        foreach (var command in (NpgsqlCommand[])[
            GroupCommands.Sessions([new PendingWrite(new SessionChange(1, SessionRow.From(Session(1, "a"))), default)]),
            GroupCommands.Ledgers([new PendingWrite(Change("a", First(3, "a") with { Ended = [Ended(1, 3)] }, 2), default)])])
        {
            command.Connection = connection;
            Assert.Equal([true], await command.Rows(row => !row.IsDBNull(0)));
        }

        var scans = await connection.Command($"SELECT seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relname = '{table}'")
            .Rows(reader => (Whole: reader.GetInt64(0), ByKey: reader.GetInt64(1)));

        Assert.Equal(0, scans.Single().Whole);
        Assert.NotEqual(0, scans.Single().ByKey);
    }

    private static string User(int index) => ((char)('a' + index)).ToString();

    private static LedgerV1 First(int number, string user) => Login(number, user)(new LedgerV1());

    private static LedgerChange Change(string user, LedgerV1 ledger, long? expected) => new(user, expected, LedgerRows.From(ledger));

    /// <summary>All rows but for the place in the log, which depends on transactions.</summary>
    private static async Task<List<string>> AllRows(OpenPostgreSql open) => await open.Database.Source.Command(
        """
        SELECT 'ledger', row_to_json(t)::jsonb FROM ledger t UNION ALL SELECT 'session', row_to_json(t)::jsonb FROM session t
        UNION ALL SELECT 'ended', row_to_json(t)::jsonb FROM ended t
        UNION ALL SELECT 'event', row_to_json(t)::jsonb - 'tx' - 'seq' FROM event t
        ORDER BY 1, 2
        """).Rows(reader => $"{reader.GetString(0)} {reader.GetString(1)}");

    /// <summary>Lets each statement that reads states count itself.</summary>
    private Task CountReads() => _open.Execute(
        """
        CREATE SEQUENCE reads;
        ALTER FUNCTION read_states RENAME TO read_uncounted;
        CREATE FUNCTION read_states(a text[], b bigint[], c bigint, d uuid[])
        RETURNS TABLE (kind integer, place bigint, version bigint, payload text) LANGUAGE plpgsql AS $f$
        BEGIN
          PERFORM nextval('reads');
          RETURN QUERY SELECT * FROM read_uncounted(a, b, c, d);
        END $f$
        """);
}
