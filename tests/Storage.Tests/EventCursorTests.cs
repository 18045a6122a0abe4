using System.Globalization;
using SessionCluster.Events;
using static SessionCluster.Storage.Tests.OpenStorage;

namespace SessionCluster.Storage.Tests;

public sealed class EventCursorTests : IDisposable
{
    private readonly OpenStorage _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task A_cursor_reads_on_in_the_order_of_commits_also_after_a_restart()
    {
        await Fill();

        var first = await Follow("0", 3);
        Assert.Equal("1 2 3", Numbers(first));
        Assert.Equal(["1", "2", "3"], first.Events.Select(entry => entry.Cursor));
        Assert.Equal(await _open.Events.Find(Id(3)), first.Events[2].Event);
        _open.Reopen();
        var rest = await Follow(first.Cursor, 3);
        Assert.Equal("4", Numbers(rest));
        var end = await Follow(rest.Cursor, 3);
        Assert.Equal((EventCursorOutcome.Read, "4", 0), (end.Outcome, end.Cursor, end.Events.Length));
        await _open.Change("b", ledger => ledger with { Journal = [Event(5, "b")] });
        Assert.Equal("5", Numbers(await Follow(end.Cursor, 3)));
    }

    [Fact]
    public async Task A_reader_without_a_cursor_begins_at_the_end()
    {
        Assert.Equal("0", (await Follow(null, 10)).Cursor);
        await Fill();

        var batch = await Follow(null, 10);

        Assert.Equal((EventCursorOutcome.Read, "4", 0), (batch.Outcome, batch.Cursor, batch.Events.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("01")]
    [InlineData("1.0")]
    [InlineData("5")]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775808")]
    public async Task A_cursor_that_was_never_given_is_unknown(string cursor)
    {
        await Fill();

        Assert.Equal(EventCursorOutcome.Unknown, (await Follow(cursor, 10)).Outcome);
    }

    [Theory]
    [InlineData("0", EventCursorOutcome.Gone, "")]
    [InlineData("2", EventCursorOutcome.Gone, "")]
    [InlineData("3", EventCursorOutcome.Read, "4 5")]
    [InlineData("5", EventCursorOutcome.Read, "")]
    public async Task A_cursor_before_a_pruned_event_is_gone(string cursor, EventCursorOutcome outcome, string numbers)
    {
        await Aged(1, 2, 3, 4, 5);
        Assert.Equal(3, await _open.Events.Prune(Now.AddSeconds(4), 100));

        var batch = await Follow(cursor, 10);

        Assert.Equal((outcome, numbers), (batch.Outcome, Numbers(batch)));
    }

    [Fact]
    public async Task A_pruned_event_between_kept_ones_is_not_passed_over()
    {
        await Aged(1, 9, 2, 9);
        await _open.Events.Prune(Now.AddSeconds(4), 100);

        Assert.Equal(EventCursorOutcome.Gone, (await Follow("0", 10)).Outcome);
        var batch = await Follow("1", 10);
        Assert.Equal("2", Numbers(batch));
        Assert.Equal(EventCursorOutcome.Gone, (await Follow(batch.Cursor, 10)).Outcome);
        Assert.Equal("4", Numbers(await Follow("3", 10)));
    }

    [Fact]
    public async Task A_cursor_before_a_log_that_was_pruned_whole_is_gone()
    {
        await Aged(1, 2);
        await _open.Events.Prune(Now.AddSeconds(4), 100);

        Assert.Equal(EventCursorOutcome.Gone, (await Follow("1", 10)).Outcome);
        Assert.Equal(EventCursorOutcome.Read, (await Follow("2", 10)).Outcome);
    }

    [Fact]
    public async Task A_write_that_fails_leaves_no_gap()
    {
        await Fill();
        await Assert.ThrowsAnyAsync<Exception>(() => _open.Change("b", ledger => ledger with { Journal = [Event(5, "b"), Event(1, "b")] }));
        await _open.Change("b", ledger => ledger with { Journal = [Event(6, "b")] });

        var batch = await Follow("4", 10);

        Assert.Equal(("6", "5"), (Numbers(batch), batch.Cursor));
    }

    private Task<EventBatch> Follow(string? after, int limit) => _open.Events.Read(new EventCursorQuery(after, limit));

    private static string Numbers(EventBatch batch) => Numbers(new EventPage(0, [.. batch.Events.Select(entry => entry.Event)]));

    /// <summary>Writes events in this order, each so many seconds old.</summary>
    private Task<GrainState<LedgerV1>> Aged(params int[] seconds) => _open.Change("a", ledger => ledger with
    {
        Journal = [.. seconds.Select((second, index) => Event(index + 1, "a", entry => entry with { Created = Now.AddSeconds(second) }))],
    });

    private static string Numbers(EventPage page) =>
        string.Join(' ', page.Events.Select(entry => int.Parse(entry.Pk.ToString()[24..], CultureInfo.InvariantCulture)));

    private async Task Fill()
    {
        await _open.Change("a", ledger => ledger with
        {
            Journal = [Event(1, "a"), Event(2, "a", entry => entry with { Action = "logout" })],
        });
        await _open.Change("b", ledger => ledger with
        {
            Journal =
            [
                Event(3, "b", entry => entry with
                {
                    Action = "logout", ClientIp = null, Session = null, Context = """{"ključ":"žluť 🐎"}""",
                }),
                Event(4, "b"),
            ],
        });
    }
}
