using Npgsql;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using static SessionCluster.Storage.Tests.OpenStorage;

namespace SessionCluster.Storage.Tests;

public sealed class LostConnectionTests
{
    [Fact]
    public async Task A_transaction_whose_connection_ended_before_it_is_answered_as_not_written_and_the_writer_goes_on()
    {
        using var open = new OpenStorage(new PostgreSqlOptions { Writers = 1 });
        open.Writer.BeforeCommit = connection =>
        {
            open.Writer.BeforeCommit = null;
            End(open, connection);
        };

        await Assert.ThrowsAsync<IOException>(() => open.Bear("42", Session(1, "42")));

        Assert.Equal(0, await open.Number("SELECT count(*) FROM ledger"));
        await open.Bear("42", Session(1, "42"));
        Assert.Equal(1, await open.Number("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_told_as_a_timeout_once_it_is_known()
    {
        using var wire = new Wire(PostgreSqlServer.Shared.Port);
        using var open = Over(wire);
        open.Writer.BeforeCommit = _ =>
        {
            open.Writer.BeforeCommit = null;
            wire.SwallowAnswer();
        };

        await Assert.ThrowsAsync<TimeoutException>(() => open.Bear("42", Session(1, "42")));

        Assert.Equal(1, (await open.ReadLedger("42")).State.Revision);
        await open.Bear("42", Session(2, "42"));
        Assert.Equal(2, await open.Number("SELECT count(*) FROM session"));
    }

    [Fact]
    public async Task A_transaction_that_arrives_at_the_server_after_its_writer_gave_it_up_changes_nothing()
    {
        using var wire = new Wire(PostgreSqlServer.Shared.Port);
        using var open = Over(wire);
        open.Writer.BeforeCommit = _ =>
        {
            open.Writer.BeforeCommit = null;
            wire.HoldRequest();
        };
        await Assert.ThrowsAsync<IOException>(() => open.Bear("42", Session(1, "42")));
        var before = await open.Everything();

        wire.Deliver();
        await wire.Delivered.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(before, await open.Everything());
        Assert.Equal(0, await open.Number("SELECT count(*) FROM ledger"));
    }

    [Fact]
    public async Task A_transaction_of_a_process_before_this_one_can_change_nothing_any_more()
    {
        using var open = new OpenStorage(new PostgreSqlOptions { Writers = 1 });
        var old = open.Writer;
        await using var successor = new PostgreSqlWriter(open.Database, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await successor.Start();

        await Assert.ThrowsAsync<IOException>(() => new PostgreSqlGrainStorage(old, open.Reader).WriteStateAsync(
            Users.LedgerV1.StateName, UserKey("42"), new GrainState<Users.LedgerV1>(new Users.LedgerV1 { Revision = 1 })));

        Assert.Equal(0, await open.Number("SELECT count(*) FROM ledger"));
        Assert.False(open.Database.Lock.Held);
        Assert.True(open.Database.Lock.Lost.IsCompleted);
    }

    [Fact]
    public async Task A_lost_lock_ends_all_writing()
    {
        using var open = new OpenStorage();
        await open.Execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """);

        await open.Database.Lock.Lost.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.False(open.Database.Lock.Held);
        await Assert.ThrowsAsync<IOException>(() => open.Bear("42", Session(1, "42")));
        await Assert.ThrowsAsync<IOException>(() => ((IStorageProbe)open.Writer).Write());
    }

    [Fact]
    public async Task A_killed_server_loses_no_acknowledged_write_and_none_is_there_by_half()
    {
        using var server = PostgreSqlServer.StartNew();
        var connection = server.CreateDatabase();
        var acknowledged = new List<(string User, int Number)>();
        var open = new OpenStorage(new PostgreSqlOptions { ConnectionString = connection });
        using var enough = new SemaphoreSlim(0);
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(user => Write(open, user, acknowledged, enough)));
        for (var write = 0; write < 200; write++)
        {
            Assert.True(await enough.WaitAsync(TimeSpan.FromSeconds(30)));
        }

        server.Kill();
        await writing;
        await open.Database.Lock.Lost.WaitAsync(TimeSpan.FromSeconds(30));
        open.Close();
        server.Start();

        using var again = new OpenStorage(new PostgreSqlOptions { ConnectionString = connection });
        Assert.True(acknowledged.Count >= 200);
        foreach (var user in acknowledged.GroupBy(write => write.User))
        {
            var revision = (await again.ReadLedger(user.Key)).State.Revision;
            Assert.InRange(revision, user.Count(), user.Count() + 1);
            Assert.Equal(revision, await again.Number($"SELECT count(*) FROM session WHERE user_pk = '{user.Key}'"));
            Assert.Equal(revision, await again.Number($"SELECT count(*) FROM event WHERE user_pk = '{user.Key}'"));
        }
    }

    private static async Task Write(OpenStorage open, int user, List<(string User, int Number)> acknowledged, SemaphoreSlim enough)
    {
        for (var number = user * 100_000; ; number++)
        {
            try
            {
                await open.Change($"u{user}", ledger => ledger with { Born = [Session(number, $"u{user}")], Journal = [Event(number, $"u{user}")] });
            }
            catch (Exception error) when (error is IOException or TimeoutException or NpgsqlException)
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

    /// <summary>A storage whose connections go over a wire that can be cut.</summary>
    private static OpenStorage Over(Wire wire)
    {
        var database = new NpgsqlConnectionStringBuilder(PostgreSqlServer.Shared.CreateDatabase()) { Port = wire.Port };
        return new OpenStorage(new PostgreSqlOptions { Writers = 1, ConnectionString = database.ConnectionString });
    }

    private static void End(OpenStorage open, NpgsqlConnection connection)
    {
        using var ending = open.Database.Source.CreateCommand($"SELECT pg_terminate_backend({connection.ProcessID}, 5000)");
        ending.ExecuteNonQuery();
    }
}
