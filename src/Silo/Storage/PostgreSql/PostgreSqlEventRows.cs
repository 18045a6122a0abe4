using System.Globalization;
using Npgsql;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>Reads over the event log in PostgreSQL, and its pruning.</summary>
/// <remarks>
/// Transactions commit in another order than they draw their numbers. A reader goes no further than the oldest transaction that
/// still runs, so that nothing can appear behind it later.
/// </remarks>
internal sealed class PostgreSqlEventRows(PostgreSqlDatabase database) : IEventRows
{
    internal const string FollowSql =
        $"""
        SELECT {Columns}, tx::text, seq FROM event
        WHERE (tx, seq) > ($1::text::xid8, $2) AND tx < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY tx, seq LIMIT $3
        """;

    /// <summary>The furthest place that was pruned is kept, since a gap between numbers says nothing here.</summary>
    internal const string PruneSql =
        """
        WITH gone AS (
          DELETE FROM event WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM event WHERE created < $1 ORDER BY created LIMIT $2 FOR UPDATE SKIP LOCKED))
          RETURNING tx, seq
        ), furthest AS (
          SELECT tx, seq FROM gone ORDER BY tx DESC, seq DESC LIMIT 1
        ), marked AS (
          UPDATE event_log SET pruned_tx = furthest.tx, pruned_seq = furthest.seq FROM furthest
          WHERE (event_log.pruned_tx, event_log.pruned_seq) < (furthest.tx, furthest.seq)
        )
        SELECT count(*) FROM gone
        """;

    private const string LogSql =
        """
        SELECT incarnation, pruned_tx::text, pruned_seq, pg_snapshot_xmin(pg_current_snapshot())::text,
          pg_snapshot_xmax(pg_current_snapshot())::text
        FROM event_log
        """;

    /// <summary>The place before the first event, the same on every storage.</summary>
    private const string Beginning = "0";

    private const string Columns = "pk, action, user_pk, username, email, name, client_ip, session, created, context";

    public Task<EventPage> Search(EventQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sql = new EventListSql(query, SqlDialect.PostgreSql);
        return database.List(async connection =>
        {
            var matching = await connection.Command(sql.Count, sql.Values).Value<long>();
            return matching <= PageBounds.Offset(query.Offset)
                ? new EventPage((int)matching, [])
                : new EventPage((int)matching, [.. await connection.Command(sql.Page(matching, null, Columns), sql.Values).Rows(Read)]);
        });
    }

    public Task<EventInfo?> Find(Guid pk) => database.Source.Command($"SELECT {Columns} FROM event WHERE pk = $1", pk).First(Read);

    /// <summary>
    /// A reader at the end begins behind the oldest running transaction, and may so hear again of what others did just before;
    /// it misses nothing.
    /// </summary>
    public Task<EventBatch> Read(EventCursorQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return database.ReadAtOnce(async connection =>
        {
            var log = await connection.Command(LogSql).First(Log.Read)
                ?? throw new InvalidOperationException("The table event_log has lost its row.");
            if (query.After is not { } text)
            {
                return new EventBatch(EventCursorOutcome.Read, new EventCursor(log.Incarnation, log.Oldest, 0).ToString(), []);
            }

            var after = new EventCursor(log.Incarnation, 0, 0);
            if (text != Beginning && (!EventCursor.TryParse(text, out after) || log.IsAhead(after)))
            {
                return new EventBatch(EventCursorOutcome.Unknown, text, []);
            }

            return log.IsBeforeGap(after) ? new EventBatch(EventCursorOutcome.Gone, text, []) : await Follow(connection, after, query.Limit);
        });
    }

    public async Task<int> Prune(DateTimeOffset before, int limit) =>
        (int)await database.Source.Command(PruneSql, UnixMicros.From(before), (long)PageBounds.Batch(limit)).Value<long>();

    private static async Task<EventBatch> Follow(NpgsqlConnection connection, EventCursor after, int limit)
    {
        var rows = await connection
            .Command(FollowSql, Text(after.Transaction), after.Sequence, (long)PageBounds.Limit(limit))
            .Rows(reader => new CursorEvent(
                new EventCursor(after.Incarnation, Number(reader.GetString(10)), reader.GetInt64(11)).ToString(), Read(reader)));
        return new EventBatch(EventCursorOutcome.Read, rows.Count == 0 ? after.ToString() : rows[^1].Cursor, [.. rows]);
    }

    private static EventInfo Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetString(1),
        new UserFacts(new UserId(reader.GetString(2)), reader.GetString(3), reader.GetString(4), reader.GetString(5)),
        reader.IsDBNull(6) ? null : reader.GetString(6),
        reader.IsDBNull(7) ? null : new SessionId(reader.GetGuid(7)),
        UnixMicros.ToMoment(reader.GetInt64(8)),
        reader.GetString(9));

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The log at one moment.</summary>
    /// <param name="Incarnation">Which log.</param>
    /// <param name="PrunedTransaction">The furthest pruned place.</param>
    /// <param name="PrunedSequence">The number in it.</param>
    /// <param name="Oldest">The oldest transaction that runs, or the next one.</param>
    /// <param name="Next">The first transaction that has not begun.</param>
    private sealed record Log(int Incarnation, ulong PrunedTransaction, long PrunedSequence, ulong Oldest, ulong Next)
    {
        public static Log Read(NpgsqlDataReader reader) => new(
            reader.GetInt32(0), Number(reader.GetString(1)), reader.GetInt64(2), Number(reader.GetString(3)), Number(reader.GetString(4)));

        public bool IsAhead(EventCursor cursor) =>
            cursor.Incarnation > Incarnation || (cursor.Incarnation == Incarnation && cursor.Transaction > Next);

        public bool IsBeforeGap(EventCursor cursor) =>
            cursor.Incarnation < Incarnation
            || cursor.Transaction < PrunedTransaction
            || (cursor.Transaction == PrunedTransaction && cursor.Sequence < PrunedSequence);
    }
}
