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
        var before = new NpgsqlConnectionStringBuilder(_open.ConnectionString);
        var server = PostgreSqlServer.Shared;
        var dump = Path.Combine(Path.GetTempPath(), $"{before.Database}.dump");
        server.Tooled("pg_dump", "-Fc", "-f", dump, before.Database!);
        var after = server.CreateDatabase();
        server.Tooled("pg_restore", "-d", new NpgsqlConnectionStringBuilder(after).Database!, dump);
        File.Delete(dump);
        await using (var connection = new NpgsqlConnection(after))
        {
            // As if the dump came from a server that had counted much further.
            await connection.OpenAsync();
            await connection.Command("UPDATE event SET tx = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8").Run();
        }

        await using var restored = new OpenPostgreSql(new PostgreSqlOptions { Database = { ConnectionString = after } });
        await restored.Start();

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

    private static string Numbers(EventBatch batch) => Rows.Numbers(batch.Events.Select(entry => entry.Event.Pk));

    private Task<Held<Users.LedgerV1>> Append(params int[] numbers) => _open.Change("a", ledger => ledger with { Events = [.. numbers.Select(number => Event(number, "a"))] });
}
