using System.Globalization;
using Npgsql;
using SessionCluster.Events;
using SessionCluster.Silo.Storage;
using static SessionCluster.Storage.Tests.OpenStorage;

namespace SessionCluster.Storage.Tests;

public sealed class EventCursorTests : IDisposable
{
    private readonly OpenStorage _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task A_cursor_reads_on_in_the_order_of_commits_also_after_a_restart()
    {
        var start = (await Follow(null, 10)).Cursor;
        await Append(1, 2);
        await Append(3, 4);
        await _open.Settled();

        var first = await Follow(start, 3);
        Assert.Equal("1 2 3", Numbers(first));
        Assert.Equal(first.Cursor, first.Events[^1].Cursor);
        Assert.Equal(await _open.Events.Find(Id(3)), first.Events[2].Event);
        _open.Reopen();
        var rest = await Follow(first.Cursor, 3);
        Assert.Equal("4", Numbers(rest));
        var end = await Follow(rest.Cursor, 3);
        Assert.Equal((EventCursorOutcome.Read, rest.Cursor, 0), (end.Outcome, end.Cursor, end.Events.Length));
        await Append(5);
        await _open.Settled();
        Assert.Equal("5", Numbers(await Follow(end.Cursor, 3)));
    }

    [Fact]
    public async Task Zero_stands_before_the_first_event()
    {
        Assert.Equal(EventCursorOutcome.Read, (await Follow("0", 10)).Outcome);
        await Append(1, 2);
        await _open.Settled();

        Assert.Equal("1 2", Numbers(await Follow("0", 10)));
    }

    [Fact]
    public async Task A_reader_without_a_cursor_begins_at_the_end()
    {
        await Append(1, 2);
        await _open.Settled();

        var end = await Follow(null, 10);

        Assert.Equal((EventCursorOutcome.Read, 0), (end.Outcome, end.Events.Length));
        Assert.Equal("", Numbers(await Follow(end.Cursor, 10)));
        await Append(3);
        await _open.Settled();
        Assert.Equal("3", Numbers(await Follow(end.Cursor, 10)));
    }

    [Fact]
    public async Task An_event_is_not_passed_over_when_an_older_transaction_commits_after_it()
    {
        var start = (await Follow(null, 10)).Cursor;
        await using var connection = new NpgsqlConnection(_open.ConnectionString);
        await connection.OpenAsync();
        await using var slow = await connection.BeginTransactionAsync();
        await connection.Command(
            "INSERT INTO event (pk, action, user_pk, username, email, name, created, context) VALUES ($1, 'login', 'a', 'a', '', '', 0, '{}')",
            Id(1)).Run();
        await Append(2);

        Assert.Equal("", Numbers(await Follow(start, 10)));
        Assert.Equal("", Numbers(await Follow((await Follow(null, 10)).Cursor, 10)));
        var during = (await Follow(null, 10)).Cursor;
        await slow.CommitAsync();
        await _open.Settled();

        Assert.Equal("1 2", Numbers(await Follow(start, 10)));
        Assert.Equal("1 2", Numbers(await Follow(during, 10)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("1.-2.3")]
    [InlineData("1.+2.3")]
    [InlineData("01.2.3")]
    [InlineData("1.2.03")]
    [InlineData(" 1.2.3")]
    [InlineData("2.1.1")]
    [InlineData("1.9223372036854775807.1")]
    [InlineData("1.99999999999999999999.1")]
    public async Task A_cursor_that_was_never_given_is_unknown(string cursor)
    {
        await Append(1);

        Assert.Equal(EventCursorOutcome.Unknown, (await Follow(cursor, 10)).Outcome);
    }

    [Fact]
    public async Task A_cursor_before_a_pruned_event_is_gone_and_one_behind_it_is_not()
    {
        var start = (await Follow(null, 10)).Cursor;
        await Append(1, 2, 3, 4, 5);
        await _open.Settled();
        var all = await Follow(start, 10);
        Assert.Equal(3, await _open.Events.Prune(Now.AddSeconds(4), 100));

        Assert.Equal(EventCursorOutcome.Gone, (await Follow(start, 10)).Outcome);
        Assert.Equal(EventCursorOutcome.Gone, (await Follow(all.Events[1].Cursor, 10)).Outcome);
        Assert.Equal("4 5", Numbers(await Follow(all.Events[2].Cursor, 10)));
        Assert.Equal(2, await _open.Events.Prune(Now.AddDays(1), 100));
        Assert.Equal(EventCursorOutcome.Gone, (await Follow(all.Events[3].Cursor, 10)).Outcome);
        Assert.Equal(EventCursorOutcome.Read, (await Follow(all.Events[4].Cursor, 10)).Outcome);
    }

    [Fact]
    public async Task In_a_restored_dump_old_cursors_are_gone_and_nothing_is_hidden()
    {
        var start = (await Follow(null, 10)).Cursor;
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

        using var restored = new OpenStorage(new PostgreSqlOptions { ConnectionString = after });
        async Task<EventBatch> Read(string? cursor) => await restored.Events.Read(new EventCursorQuery(cursor, 10));

        Assert.Equal(EventCursorOutcome.Gone, (await Read(start)).Outcome);
        Assert.Equal(2, (await restored.Events.Search(new EventQuery([], null, null, null, false, 0, 10))).Count);
        await restored.Settled();
        var end = (await Read(null)).Cursor;
        await restored.Change("b", ledger => ledger with { Journal = [Event(3, "b")] });
        await restored.Settled();
        Assert.Equal("3", Numbers(await Read(end)));
        Assert.Equal(1, (await restored.ReadLedger("a")).State.Revision);
        restored.Reopen();
        Assert.Equal("3", Numbers(await Read(end)));
    }

    private Task<EventBatch> Follow(string? after, int limit) => _open.Events.Read(new EventCursorQuery(after, limit));

    private static string Numbers(EventBatch batch) =>
        string.Join(' ', batch.Events.Select(entry => int.Parse(entry.Event.Pk.ToString()[24..], CultureInfo.InvariantCulture)));

    /// <summary>Writes events in one commit, each as many seconds late as its number says.</summary>
    private Task<GrainState<Users.LedgerV1>> Append(params int[] numbers) => _open.Change("a", ledger => ledger with
    {
        Journal = [.. numbers.Select(number => Event(number, "a", entry => entry with { Created = Now.AddSeconds(number) }))],
    });
}
