namespace SessionCluster.Silo.Storage;

/// <summary>
/// SQLite's cursor is the sequence number. Numbers are given without gaps (a transaction that fails gives its numbers back), so a
/// missing one behind the cursor is a pruned event that the reader has not seen.
/// </summary>
internal static class SqliteEventCursor
{
    internal const string FollowSql = $"SELECT {EventRows.Columns}, seq FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";

    public static async ValueTask<EventBatch> Read(ISqlSnapshot snapshot, EventCursorQuery query)
    {
        var last = await snapshot.Number("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'");
        if (query.After is not { } text)
        {
            return new EventBatch(EventCursorOutcome.Read, CursorOf(last), []);
        }

        return TryReadCursor(text, out var after) && after <= last
            ? await Follow(snapshot, after, last, PageBounds.Limit(query.Limit))
            : new EventBatch(EventCursorOutcome.Unknown, text, []);
    }

    private static async ValueTask<EventBatch> Follow(ISqlSnapshot snapshot, long after, long last, long limit)
    {
        if (after == last)
        {
            return new EventBatch(EventCursorOutcome.Read, CursorOf(after), []);
        }

        var found = await snapshot.Rows(
            FollowSql, [after, limit], static row => (Number: row.GetInt64(10), Event: EventRows.Read(row, SqlDialect.Sqlite)));
        // What comes before a gap is still the reader's; the gap is told when the reader stands before it.
        var rows = found.TakeWhile((row, index) => row.Number == after + index + 1).Select(row => new CursorEvent(CursorOf(row.Number), row.Event)).ToArray();
        return rows.Length == 0
            ? new EventBatch(EventCursorOutcome.Gone, CursorOf(after), [])
            : new EventBatch(EventCursorOutcome.Read, rows[^1].Cursor, [.. rows]);
    }

    private static string CursorOf(long number) => number.ToString(CultureInfo.InvariantCulture);

    // Only the one text that was given for a number: no sign, no zeros before it.
    private static bool TryReadCursor(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && CursorOf(number) == text;
}
