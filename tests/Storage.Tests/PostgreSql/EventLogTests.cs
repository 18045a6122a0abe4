using Npgsql;
using SessionCluster.Events;
using SessionCluster.Silo.Storage;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests.PostgreSql;

/// <summary>Where transactions commit in another order than they draw their numbers, and where a log goes on in another server.</summary>
public sealed class EventLogTests : IAsyncLifetime
{
    private readonly OpenPostgreSql _open = new();

    public Task InitializeAsync() => _open.Start();

    public async Task DisposeAsync() => await _open.DisposeAsync();

    [PostgreSqlFact]
    public async Task An_event_is_not_passed_over_when_an_older_transaction_commits_after_it()
    {
        var start = (await _open.Follow(null)).Cursor;
        await using var connection = new NpgsqlConnection(_open.ConnectionString);
        await connection.OpenAsync();
        await using var slow = await connection.BeginTransactionAsync();
        await connection.Command(
            "INSERT INTO event (pk, action, user_pk, username, email, name, created, context) VALUES ($1, 'login', 'a', 'a', '', '', 0, '{}')",
            Id(1)).Run();
        await Append(2);

        Assert.Equal("", Numbers(await _open.Follow(start)));
        Assert.Equal("", Numbers(await _open.Follow((await _open.Follow(null)).Cursor)));
        var during = (await _open.Follow(null)).Cursor;
        await slow.CommitAsync();
        await _open.Settled();

        Assert.Equal("1 2", Numbers(await _open.Follow(start)));
        Assert.Equal("1 2", Numbers(await _open.Follow(during)));
    }

    [PostgreSqlFact]
    public async Task In_a_restored_dump_old_cursors_are_gone_and_nothing_is_hidden()
    {
        var start = (await _open.Follow(null)).Cursor;
        await Append(1, 2);
        var after = PostgreSqlServer.Shared.Copy(_open.ConnectionString);
        await using (var connection = new NpgsqlConnection(after))
        {
            // As if the dump came from a server that had counted much further.
            await connection.OpenAsync();
            await connection.Command("UPDATE event SET tx = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8").Run();
        }

        await using var restored = await Started(after);

        Assert.Equal(EventCursorOutcome.Gone, (await restored.Follow(start)).Outcome);
        Assert.Equal(2, (await restored.Events.Search(new EventQuery([], null, null, null, false, 0, 10))).Count);
        await restored.Settled();
        var end = (await restored.Follow(null)).Cursor;
        await restored.Change("b", ledger => ledger with { Events = [Event(3, "b")] });
        await restored.Settled();
        Assert.Equal("3", Numbers(await restored.Follow(end)));
        Assert.Equal(1, (await restored.ReadLedger("a")).State.Revision);
        await restored.Reopen();
        Assert.Equal("3", Numbers(await restored.Follow(end)));
    }

    [PostgreSqlFact]
    public async Task A_place_ahead_of_the_log_was_never_given()
    {
        var log = (await _open.Follow(null)).Cursor.Split('.')[0];

        Assert.Equal(EventCursorOutcome.Unknown, (await _open.Follow($"{log}.9223372036854775807.1")).Outcome);
    }

    /// <summary>Members of the same cluster talk to each other, whatever their databases are.</summary>
    [PostgreSqlFact]
    public async Task A_restored_dump_does_not_know_the_members_that_ran_when_it_was_made()
    {
        await Join(_open);
        await using var restored = await Started(PostgreSqlServer.Shared.Copy(_open.ConnectionString));

        Assert.Equal(0, await restored.Number("SELECT count(*) FROM OrleansMembershipTable"));
        Assert.Equal(0, await restored.Number("SELECT count(*) FROM OrleansMembershipVersionTable"));

        await Join(restored);
        await restored.Reopen();
        Assert.Equal(1, await restored.Number("SELECT count(*) FROM OrleansMembershipTable"));
    }

    [PostgreSqlFact]
    public async Task A_server_that_was_promoted_keeps_the_members_that_are_running()
    {
        await Join(_open);

        await Promote();

        Assert.Equal(1, await _open.Number("SELECT count(*) FROM OrleansMembershipTable"));
        Assert.Equal(18, await _open.Number("SELECT Version FROM OrleansMembershipVersionTable"));
    }

    [PostgreSqlFact]
    public async Task A_place_in_a_log_that_was_promoted_after_the_backup_is_gone_once_the_backup_is_restored()
    {
        await _open.Execute("UPDATE event_log SET incarnation = 1");
        var backup = PostgreSqlServer.Shared.Copy(_open.ConnectionString);
        await Promote();
        var place = (await _open.Follow(null)).Cursor;
        // An incarnation is told from another by its second.
        await Task.Delay(TimeSpan.FromSeconds(1.1));

        await using var restored = await Started(backup);

        Assert.Equal(EventCursorOutcome.Gone, (await restored.Follow(place)).Outcome);
    }

    [PostgreSqlTheory]
    [InlineData(true, EventCursorOutcome.Gone)]
    [InlineData(false, EventCursorOutcome.Read)]
    public async Task Whoever_asks_for_all_events_after_a_promotion_is_told_whether_some_are_pruned(bool isPruned, EventCursorOutcome told)
    {
        await Append(1, 2);
        if (isPruned)
        {
            Assert.Equal(1, await _open.Opened.Run(_open.Opened.PruneEventsSql, long.MaxValue, 1));
        }

        await Promote();

        Assert.Equal(told, (await _open.Follow("0")).Outcome);
    }

    /// <summary>As a promotion leaves it: the log was written in another timeline.</summary>
    private async Task Promote()
    {
        await _open.Execute("UPDATE event_log SET history = split_part(history, '/', 1) || '/00000000/' || split_part(history, '/', 3)");
        await _open.Reopen();
    }

    private static async Task Join(OpenPostgreSql database)
    {
        await database.Execute("INSERT INTO OrleansMembershipVersionTable (DeploymentId, Version) VALUES ('sessioncluster', 18)");
        await database.Execute(
            "INSERT INTO OrleansMembershipTable (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime) "
            + "VALUES ('sessioncluster', '127.0.0.1', 1, 1, 'a', 'a', 3, 2, now(), now())");
    }

    private static async Task<OpenPostgreSql> Started(string connectionString)
    {
        var storage = new OpenPostgreSql(new PostgreSqlOptions { Database = { ConnectionString = connectionString } });
        await storage.Start();
        return storage;
    }

    private static string Numbers(EventBatch batch) => Rows.Numbers(batch.Events.Select(entry => entry.Event.Pk));

    private Task<Held<Users.LedgerV1>> Append(params int[] numbers) => _open.Change("a", ledger => ledger with { Events = [.. numbers.Select(number => Event(number, "a"))] });
}
