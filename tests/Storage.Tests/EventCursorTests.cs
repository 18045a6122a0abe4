using SessionCluster.Events;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

public sealed class SqliteEventCursorTests() : EventCursorTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlEventCursorTests() : EventCursorTests(new OpenPostgreSql());

/// <summary>What a reader of the event log may count on, whatever its cursors look like.</summary>
public abstract class EventCursorTests : StorageTests
{
    private protected EventCursorTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task A_cursor_reads_on_in_the_order_of_commits_also_after_a_restart()
    {
        var start = (await Open.Follow(null)).Cursor;
        await Append(1, 2);
        await Append(3, 4);
        await Open.Settled();

        var first = await Open.Follow(start, 3);
        Assert.Equal("1 2 3", Numbers(first));
        Assert.Equal(first.Cursor, first.Events[^1].Cursor);
        Assert.Equal(3, first.Events.Select(entry => entry.Cursor).Distinct().Count());
        Assert.Equal(await Open.Events.Find(Id(3)), first.Events[2].Event);
        await Open.Reopen();
        var rest = await Open.Follow(first.Cursor, 3);
        Assert.Equal("4", Numbers(rest));
        var end = await Open.Follow(rest.Cursor, 3);
        Assert.Equal((EventCursorOutcome.Read, rest.Cursor, 0), (end.Outcome, end.Cursor, end.Events.Length));
        await Append(5);
        await Open.Settled();
        Assert.Equal("5", Numbers(await Open.Follow(end.Cursor, 3)));
    }

    [SuiteFact]
    public async Task Every_event_has_a_cursor_that_reads_on_behind_it()
    {
        await Append(3, 1, 2);
        await Open.Settled();
        var all = await Open.Follow("0");

        Assert.Equal("3 1 2", Numbers(all));
        Assert.Equal("1 2", Numbers(await Open.Follow(all.Events[0].Cursor)));
        Assert.Equal("2", Numbers(await Open.Follow(all.Events[1].Cursor)));
        Assert.Equal("", Numbers(await Open.Follow(all.Events[2].Cursor)));
    }

    [SuiteFact]
    public async Task Zero_stands_before_the_first_event()
    {
        Assert.Equal(EventCursorOutcome.Read, (await Open.Follow("0")).Outcome);
        await Append(1, 2);
        await Open.Settled();

        Assert.Equal("1 2", Numbers(await Open.Follow("0")));
    }

    [SuiteFact]
    public async Task A_reader_without_a_cursor_begins_at_the_end()
    {
        await Append(1, 2);
        await Open.Settled();

        var end = await Open.Follow(null);

        Assert.Equal((EventCursorOutcome.Read, 0), (end.Outcome, end.Events.Length));
        Assert.Equal("", Numbers(await Open.Follow(end.Cursor)));
        await Append(3);
        await Open.Settled();
        Assert.Equal("3", Numbers(await Open.Follow(end.Cursor)));
    }

    [SuiteTheory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("01")]
    [InlineData("00")]
    [InlineData("1.0")]
    [InlineData("5")]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775808")]
    [InlineData("1.2.3.4")]
    [InlineData("1.-2.3")]
    [InlineData("1.+2.3")]
    [InlineData("01.2.3")]
    [InlineData("1.2.03")]
    [InlineData(" 1.2.3")]
    [InlineData("2147483647.1.1")]
    [InlineData("1.99999999999999999999.1")]
    public async Task A_cursor_that_was_never_given_is_unknown(string cursor)
    {
        await Append(1, 2, 3, 4);

        Assert.Equal(EventCursorOutcome.Unknown, (await Open.Follow(cursor)).Outcome);
    }

    [SuiteFact]
    public async Task A_cursor_before_a_pruned_event_is_gone_and_one_behind_it_is_not()
    {
        await Append(1, 2, 3, 4, 5);
        await Open.Settled();
        var all = await Open.Follow("0");
        Assert.Equal(3, await Open.Swept.PruneEvents(Now.AddSeconds(4), 100));

        Assert.Equal(EventCursorOutcome.Gone, (await Open.Follow("0")).Outcome);
        Assert.Equal(EventCursorOutcome.Gone, (await Open.Follow(all.Events[1].Cursor)).Outcome);
        Assert.Equal("4 5", Numbers(await Open.Follow(all.Events[2].Cursor)));
        Assert.Equal("", Numbers(await Open.Follow(all.Events[4].Cursor)));
    }

    [SuiteFact]
    public async Task A_cursor_before_a_log_that_was_pruned_whole_is_gone()
    {
        await Append(1, 2);
        await Open.Settled();
        var all = await Open.Follow("0");
        Assert.Equal(2, await Open.Swept.PruneEvents(Now.AddDays(1), 100));

        Assert.Equal(EventCursorOutcome.Gone, (await Open.Follow(all.Events[0].Cursor)).Outcome);
        Assert.Equal(EventCursorOutcome.Read, (await Open.Follow(all.Events[1].Cursor)).Outcome);
        await Append(3);
        await Open.Settled();
        Assert.Equal("3", Numbers(await Open.Follow(all.Events[1].Cursor)));
    }

    [SuiteFact]
    public async Task A_pruned_event_between_kept_ones_is_not_passed_over()
    {
        // The second and the fourth are older than the others.
        await Open.Change("a", ledger => ledger with { Events = [At(1, 9), At(2, 1), At(3, 9), At(4, 2), At(5, 9)] });
        await Open.Settled();
        var all = await Open.Follow("0");
        Assert.Equal(2, await Open.Swept.PruneEvents(Now.AddSeconds(4), 100));

        foreach (var before in (string[])["0", all.Events[0].Cursor, all.Events[2].Cursor])
        {
            var cursor = before;
            EventBatch batch;
            do
            {
                batch = await Open.Follow(cursor, 1);
                cursor = batch.Cursor;
            }
            while (batch.Outcome == EventCursorOutcome.Read && batch.Events.Length > 0);

            Assert.Equal(EventCursorOutcome.Gone, batch.Outcome);
        }

        Assert.Equal("5", Numbers(await Open.Follow(all.Events[3].Cursor)));
    }

    [SuiteFact]
    public async Task A_write_that_fails_leaves_no_gap()
    {
        await Append(1, 2);
        await Open.Settled();
        var end = (await Open.Follow(null)).Cursor;

        await Assert.ThrowsAsync<InvalidOperationException>(() => Append(5, 1));
        await Append(6);
        await Open.Settled();

        Assert.Equal("6", Numbers(await Open.Follow(end)));
        Assert.Equal("1 2 6", Numbers(await Open.Follow("0")));
    }

    private static string Numbers(EventBatch batch) => Rows.Numbers(batch.Events.Select(entry => entry.Event.Pk));

    private static EventInfo At(int number, int seconds) => Event(number, "a", entry => entry with { Created = Now.AddSeconds(seconds) });

    /// <summary>Writes events in one commit, each as many seconds late as its number says.</summary>
    private Task<Held<LedgerV1>> Append(params int[] numbers) =>
        Open.Change("a", ledger => ledger with { Events = [.. numbers.Select(number => At(number, number))] });
}
