using System.Data.Common;

namespace SessionCluster.Silo.Storage;

/// <summary>Follows the event log in PostgreSQL.</summary>
/// <remarks>
/// Transactions commit in another order than they draw their numbers. A reader goes no further than the oldest transaction that
/// still runs, so that nothing can appear behind it later.
/// </remarks>
internal static class PostgreSqlEventCursor
{
    /// <summary>The order is that of the table's own column: the text of it, which is returned, would put 1000 before 999.</summary>
    internal const string FollowSql =
        $"""
        SELECT {EventRows.Columns}, tx::text, seq FROM event
        WHERE (tx, seq) > ($1::text::xid8, $2) AND tx < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY event.tx, event.seq LIMIT $3
        """;

    private const string LogSql =
        """
        SELECT incarnation, pruned_tx::text, pruned_seq, pg_snapshot_xmin(pg_current_snapshot())::text,
          pg_snapshot_xmax(pg_current_snapshot())::text
        FROM event_log
        """;

    /// <summary>The place before the first event, the same on every storage.</summary>
    private const string Beginning = "0";

    /// <summary>
    /// A reader at the end begins behind the oldest running transaction, and may so hear again of what others did just before;
    /// it misses nothing.
    /// </summary>
    public static async ValueTask<EventBatch> Read(ISqlSnapshot snapshot, EventCursorQuery query)
    {
        var log = (await snapshot.Rows(LogSql, [], Log.Read))[0];
        if (query.After is not { } text)
        {
            return new EventBatch(EventCursorOutcome.Read, new EventCursor(log.Incarnation, log.Oldest, 0).ToString(), []);
        }

        var after = new EventCursor(log.Incarnation, 0, 0);
        if (text != Beginning && (!EventCursor.TryParse(text, out after) || log.IsAhead(after)))
        {
            return new EventBatch(EventCursorOutcome.Unknown, text, []);
        }

        return log.IsBeforeGap(after) ? new EventBatch(EventCursorOutcome.Gone, text, []) : await Follow(snapshot, after, query.Limit);
    }

    private static async ValueTask<EventBatch> Follow(ISqlSnapshot snapshot, EventCursor after, int limit)
    {
        var rows = await snapshot.Rows(
            FollowSql,
            [Text(after.Transaction), after.Sequence, (long)PageBounds.Limit(limit)],
            row => new CursorEvent(
                new EventCursor(after.Incarnation, Number(row.GetString(10)), row.GetInt64(11)).ToString(), EventRows.Read(row, SqlDialect.PostgreSql)));
        return new EventBatch(EventCursorOutcome.Read, rows.Count == 0 ? after.ToString() : rows[^1].Cursor, [.. rows]);
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The log at one moment.</summary>
    /// <param name="PrunedTransaction">The furthest pruned place.</param>
    /// <param name="Next">The first transaction that has not begun.</param>
    private sealed record Log(int Incarnation, ulong PrunedTransaction, long PrunedSequence, ulong Oldest, ulong Next)
    {
        public static Log Read(DbDataReader reader) => new(
            reader.GetInt32(0), Number(reader.GetString(1)), reader.GetInt64(2), Number(reader.GetString(3)), Number(reader.GetString(4)));

        public bool IsAhead(EventCursor cursor) =>
            cursor.Incarnation > Incarnation || (cursor.Incarnation == Incarnation && cursor.Transaction > Next);

        public bool IsBeforeGap(EventCursor cursor) =>
            cursor.Incarnation < Incarnation
            || cursor.Transaction < PrunedTransaction
            || (cursor.Transaction == PrunedTransaction && cursor.Sequence < PrunedSequence);
    }
}

/// <summary>A place in PostgreSQL's event log, written as three numbers with dots between.</summary>
/// <param name="Incarnation">Which log; see <see cref="EventHistory"/>.</param>
/// <param name="Sequence">The event's number.</param>
internal readonly record struct EventCursor(int Incarnation, ulong Transaction, long Sequence)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Incarnation}.{Transaction}.{Sequence}");

    /// <summary>Reads only the one text that was given for a place: no signs, no zeros before a number.</summary>
    public static bool TryParse(string text, out EventCursor cursor)
    {
        cursor = default;
        var parts = text.Split('.', 4);
        if (parts.Length != 3
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var incarnation)
            || !ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var transaction)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return false;
        }

        cursor = new EventCursor(incarnation, transaction, sequence);
        return string.Equals(cursor.ToString(), text, StringComparison.Ordinal);
    }
}

/// <summary>
/// Places in the event log hold transaction ids, which count in the history of one server only. In another history (a restored
/// dump, a server that was promoted or set back) an old cursor could stand behind events that its reader has not seen, and a
/// stored id ahead of the server's count would hide its event for as long. So the log gets a new incarnation there: older
/// cursors are gone, and ids from ahead are taken back to the beginning. A dump also holds the members that ran when it was made;
/// they run on another database, and whoever started here would join them: so it is rid of them.
/// </summary>
internal static class EventHistory
{
    /// <summary>
    /// The server's cluster, its timeline (which every recovery and promotion raises), and the table itself, which a restored dump
    /// creates anew.
    /// </summary>
    private const string HistorySql =
        """
        SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '/'
          || 'event'::regclass::oid
        """;

    /// <summary>
    /// A backup's own number may have been counted on from since, so the incarnation is the second since 2026 in which it begins. That
    /// something was pruned stays known: whoever asks for all from the beginning is told that there is a gap.
    /// </summary>
    private const string BeginSql =
        """
        UPDATE event_log SET incarnation = greatest(incarnation + 1, (floor(extract(epoch FROM clock_timestamp())) - 1767225600)::integer),
          history = $1, pruned_tx = '0', pruned_seq = CASE WHEN (pruned_tx, pruned_seq) > ('0'::xid8, 0::bigint) THEN 1 ELSE 0 END
        """;

    /// <summary>In the order in which Orleans' own statements lock. A silo makes the row of its cluster at its start, where there is none.</summary>
    private const string ForgetMembersSql =
        "WITH members AS (DELETE FROM OrleansMembershipTable) DELETE FROM OrleansMembershipVersionTable";

    /// <summary>Begins a new incarnation of the log where the history is another than the log's.</summary>
    /// <param name="connection">A connection with no limit on its statements.</param>
    /// <param name="told">Hears of it before it begins, since it may take long.</param>
    /// <param name="cancellationToken">Takes it back.</param>
    public static async Task Settle(NpgsqlConnection connection, Action told, CancellationToken cancellationToken)
    {
        if (!await connection.Command("SELECT to_regclass('event_log') IS NOT NULL").Value<bool>())
        {
            return;
        }

        var history = await connection.Command(HistorySql).Value<string>();
        var before = await connection.Command("SELECT history FROM event_log").Value<string>();
        if (before == history)
        {
            return;
        }

        told();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Command(BeginSql, history).Run(cancellationToken);
        await connection.Command("UPDATE event SET tx = '0' WHERE tx >= pg_snapshot_xmin(pg_current_snapshot())").Unhurried().Run(cancellationToken);
        if (IsRestored(before, history))
        {
            await connection.Command(ForgetMembersSql).Run(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Another server or another table. With another timeline alone it is the same database after a recovery or promotion, whose members may be running.</summary>
    private static bool IsRestored(string before, string now) =>
        before.Split('/') is [var oldServer, _, var oldTable] && now.Split('/') is [var server, _, var table] && (oldServer, oldTable) != (server, table);
}
