using Npgsql;
using SessionCluster.Silo.Storage;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests.PostgreSql;

public sealed class LostConnectionTests
{
    [PostgreSqlFact]
    public async Task A_write_whose_connection_ended_before_it_is_told_as_unknown_and_the_writer_goes_on()
    {
        await using var open = await Start(new PostgreSqlOptions { Writers = 1 });
        open.Database.Writer.BeforeCommit = connection =>
        {
            open.BeforeCommit = null;
            End(open, connection);
        };

        Assert.True((await Assert.ThrowsAsync<StorageUnavailableException>(() => open.Create("42", Session(1, "42")))).OutcomeUnknown);

        Assert.Equal(0, await open.Number("SELECT count(*) FROM ledger"));
        await open.Create("42", Session(1, "42"));
        Assert.Equal(1, await open.Number("SELECT count(*) FROM session"));
    }

    [PostgreSqlFact]
    public async Task A_commit_whose_answer_was_lost_is_told_as_unknown_and_its_writer_finds_out_by_reading()
    {
        using var wire = new Wire(PostgreSqlServer.Shared.Port);
        await using var open = await Start(Over(wire));
        open.BeforeCommit = () =>
        {
            open.BeforeCommit = null;
            wire.SwallowAnswer();
        };

        Assert.True((await Assert.ThrowsAsync<StorageUnavailableException>(() => open.Create("42", Session(1, "42")))).OutcomeUnknown);

        Assert.Equal(1, (await open.ReadLedger("42")).State.Revision);
        await open.Create("42", Session(2, "42"));
        Assert.Equal(2, await open.Number("SELECT count(*) FROM session"));
    }

    [PostgreSqlFact]
    public async Task A_write_that_arrives_after_it_was_told_as_unknown_still_takes_effect_only_at_the_version_it_was_made_for()
    {
        using var wire = new Wire(PostgreSqlServer.Shared.Port);
        await using var open = await Start(Over(wire));
        open.BeforeCommit = () =>
        {
            open.BeforeCommit = null;
            wire.HoldRequest();
        };
        Assert.True((await Assert.ThrowsAsync<StorageUnavailableException>(() => open.Create("42", Session(1, "42")))).OutcomeUnknown);
        await open.Create("42", Session(2, "42"));
        var before = await open.Everything();

        wire.Deliver();
        await wire.Delivered.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(before, await open.Everything());
        Assert.Equal("2", Numbers(await open.Ids("session")));
    }

    [PostgreSqlFact]
    public async Task A_server_that_is_at_fault_fails_a_whole_group_at_once_and_the_log_says_so_once_for_all_lanes()
    {
        await using var open = await Start(new PostgreSqlOptions { Writers = 1 });
        await open.Create("full", Session(1, "full"));
        await open.Execute(
            """
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $f$;
            CREATE TRIGGER ledgers BEFORE INSERT OR UPDATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION full_disk();
            CREATE TRIGGER sessions BEFORE INSERT OR UPDATE ON session FOR EACH STATEMENT EXECUTE FUNCTION full_disk();
            """);
        var sent = 0;
        Task[] writes;
        using (await Gate.Close(open))
        {
            open.BeforeCommit = () => Interlocked.Increment(ref sent);
            writes = [.. Enumerable.Range(2, 50).Select(number => open.WriteFirst($"u{number}", Login(number, $"u{number}")))];
        }

        var failures = await Task.WhenAll(writes.Select(write => Assert.ThrowsAsync<StorageUnavailableException>(() => write)));
        Assert.Equal(1, sent);
        Assert.All(failures, failure => Assert.False(failure.OutcomeUnknown));
        Assert.All(failures, failure => Assert.Contains("The storage (postgresql) takes no writes; nothing was written. 53100", failure.Message, StringComparison.Ordinal));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await open.WriteSession(1, await open.ReadSession(1)));
        Assert.Single(open.Log.Errors);
        await open.Execute("DROP FUNCTION full_disk CASCADE");
        await open.Create("full", Session(2, "full"));
        await open.WriteSession(1, await open.ReadSession(1));
    }

    [PostgreSqlFact]
    public async Task A_refusal_at_the_commit_itself_is_heard()
    {
        await using var open = await Start(new PostgreSqlOptions { Writers = 1 });
        await open.Execute(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION 'no such event'; END $f$;
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
            """);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => open.WriteFirst("42", Login(1, "42")));

        Assert.Contains("no such event", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await open.Number("SELECT count(*) FROM ledger"));
        await open.Create("42", Session(1, "42"));
    }

    [PostgreSqlFact]
    public async Task A_killed_server_loses_no_acknowledged_write_and_none_is_there_by_half_and_the_storage_goes_on_once_it_is_back()
    {
        using var server = PostgreSqlServer.StartNew();
        var acknowledged = new List<(string User, int Number)>();
        await using var open = await Start(new PostgreSqlOptions { Database = { ConnectionString = server.CreateDatabase() } });
        using var enough = new SemaphoreSlim(0);
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(user => Write(open, user, acknowledged, enough)));
        for (var write = 0; write < 200; write++)
        {
            Assert.True(await enough.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        server.Kill();
        await writing;
        // The connection of this lane may have been at rest, so that its loss is seen only now.
        await Assert.ThrowsAsync<StorageUnavailableException>(() => open.WriteFirst("nobody", Login(1, "nobody")));
        Assert.False((await Assert.ThrowsAsync<StorageUnavailableException>(() => open.WriteFirst("nobody", Login(1, "nobody")))).OutcomeUnknown);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => open.ReadLedger("u0"));
        server.Start();

        Assert.True(acknowledged.Count >= 200);
        foreach (var user in acknowledged.GroupBy(write => write.User))
        {
            var revision = (await open.ReadLedger(user.Key)).State.Revision;
            Assert.InRange(revision, user.Count(), user.Count() + 1);
            Assert.Equal(revision, await open.Number($"SELECT count(*) FROM session WHERE user_pk = '{user.Key}'"));
            Assert.Equal(revision, await open.Number($"SELECT count(*) FROM event WHERE user_pk = '{user.Key}'"));
        }

        await open.WriteFirst("nobody", Login(1, "nobody"));
    }

    [PostgreSqlFact]
    public async Task A_server_that_was_restarted_while_nothing_was_written_costs_no_write()
    {
        using var server = PostgreSqlServer.StartNew();
        await using var open = await Start(new PostgreSqlOptions { Writers = 1, Database = { ConnectionString = server.CreateDatabase() } });
        await open.Create("42", Session(1, "42"));
        await open.WriteSession(1, await open.ReadSession(1));

        server.Kill();
        server.Start();
        await Task.Delay(TimeSpan.FromSeconds(2));

        await open.WriteFirst("43", Login(2, "43"));
        await open.WriteSession(1, await open.ReadSession(1));
        Assert.Empty(open.Log.Errors);
    }

    private static async Task Write(OpenPostgreSql open, int user, List<(string User, int Number)> acknowledged, SemaphoreSlim enough)
    {
        for (var number = (user + 1) * 100_000; ; number++)
        {
            try
            {
                await open.Change($"u{user}", Login(number, $"u{user}"));
            }
            catch (StorageUnavailableException)
            {
                return;
            }

            lock (acknowledged)
            {
                acknowledged.Add(($"u{user}", number));
            }

            enough.Release();
        }
    }

    private static async Task<OpenPostgreSql> Start(PostgreSqlOptions options)
    {
        var open = new OpenPostgreSql(options);
        await open.Start();
        return open;
    }

    /// <summary>A storage whose connections go over a wire that can be cut.</summary>
    private static PostgreSqlOptions Over(Wire wire)
    {
        var database = new NpgsqlConnectionStringBuilder(PostgreSqlServer.Shared.CreateDatabase()) { Port = wire.Port };
        return new PostgreSqlOptions { Writers = 1, Database = { ConnectionString = database.ConnectionString } };
    }

    private static void End(OpenPostgreSql open, NpgsqlConnection connection)
    {
        using var ending = open.Database.Source.CreateCommand($"SELECT pg_terminate_backend({connection.ProcessID}, 5000)");
        ending.ExecuteNonQuery();
    }
}
