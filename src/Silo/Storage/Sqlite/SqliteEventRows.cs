using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>Reads over the event log in SQLite, and its pruning, which goes through the writer.</summary>
internal sealed class SqliteEventRows(SqliteDatabase database) : IEventRows
{
    internal const string PruneSql =
        "DELETE FROM event WHERE seq IN (SELECT seq FROM event INDEXED BY event_by_created WHERE created < ?1 ORDER BY created LIMIT ?2)";

    internal const string FollowSql = $"SELECT {Columns}, seq FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";

    private const string Columns = "pk, action, user_pk, username, email, name, client_ip, session, created, context";

    public Task<EventPage> Search(EventQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sql = new EventListSql(query, SqlDialect.Sqlite);
        return database.Lists.ReadAtOnce(link =>
        {
            using var counting = link.Once(sql.Count);
            var matching = counting.Number(sql.Values) ?? 0;
            if (matching <= PageBounds.Offset(query.Offset))
            {
                return new EventPage((int)matching, []);
            }

            var total = matching > ListSql.FewRows ? link.Prepared("SELECT count(*) FROM event").Number() : null;
            using var paging = link.Once(sql.Page(matching, total));
            return new EventPage((int)matching, Load(link, paging, sql));
        });
    }

    public Task<EventInfo?> Find(Guid pk) => database.Points.Read(link =>
    {
        using var reader = link.Prepared($"SELECT {Columns} FROM event WHERE pk = ?1").Query(SqliteIds.ToBlob(pk));
        return reader.Read() ? Read(reader) : null;
    });

    /// <summary>
    /// The cursor is the sequence number. Numbers are given without gaps (a transaction that fails gives its numbers back), so a
    /// missing one behind the cursor is a pruned event that the reader has not seen.
    /// </summary>
    public Task<EventBatch> Read(EventCursorQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return database.Points.ReadAtOnce(link =>
        {
            var last = link.Prepared("SELECT seq FROM sqlite_sequence WHERE name = 'event'").Number() ?? 0;
            if (query.After is not { } text)
            {
                return new EventBatch(EventCursorOutcome.Read, CursorOf(last), []);
            }

            return TryReadCursor(text, out var after) && after <= last
                ? Follow(link, after, last, PageBounds.Limit(query.Limit))
                : new EventBatch(EventCursorOutcome.Unknown, text, []);
        });
    }

    public Task<int> Prune(DateTimeOffset before, int limit) => database.Writer.Write(
        link => link.Prepared(PruneSql).Execute(UnixMicros.From(before), PageBounds.Batch(limit)));

    private static EventBatch Follow(SqliteLink link, long after, long last, int limit)
    {
        if (after == last)
        {
            return new EventBatch(EventCursorOutcome.Read, CursorOf(after), []);
        }

        var expected = Math.Min(limit, last - after);
        var rows = ImmutableArray.CreateBuilder<CursorEvent>((int)expected);
        using var reader = link.Prepared(FollowSql).Query(after, limit);
        while (reader.Read() && reader.GetInt64(10) == after + rows.Count + 1)
        {
            rows.Add(new CursorEvent(CursorOf(after + rows.Count + 1), Read(reader)));
        }

        // What comes before a gap is still the reader's; the gap is told when the reader stands before it.
        return rows.Count == 0
            ? new EventBatch(EventCursorOutcome.Gone, CursorOf(after), [])
            : new EventBatch(EventCursorOutcome.Read, rows[^1].Cursor, rows.DrainToImmutable());
    }

    private static string CursorOf(long number) => number.ToString(CultureInfo.InvariantCulture);

    // Only the one text that was given for a number: no sign, no zeros before it.
    private static bool TryReadCursor(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && CursorOf(number) == text;

    private static ImmutableArray<EventInfo> Load(SqliteLink link, Statement paging, EventListSql sql)
    {
        var numbers = new List<long>();
        using (var reader = paging.Query(sql.Values))
        {
            while (reader.Read())
            {
                numbers.Add(reader.GetInt64(0));
            }
        }

        var rows = ImmutableArray.CreateBuilder<EventInfo>(numbers.Count);
        foreach (var number in numbers)
        {
            using var reader = link.Prepared($"SELECT {Columns} FROM event WHERE seq = ?1").Query(number);
            reader.Read();
            rows.Add(Read(reader));
        }

        return rows.DrainToImmutable();
    }

    private static EventInfo Read(SqliteDataReader reader) => new(
        SqliteIds.Read(reader, 0),
        reader.GetString(1),
        new UserFacts(new UserId(reader.GetString(2)), reader.GetString(3), reader.GetString(4), reader.GetString(5)),
        reader.IsDBNull(6) ? null : reader.GetString(6),
        reader.IsDBNull(7) ? null : new SessionId(SqliteIds.Read(reader, 7)),
        UnixMicros.ToMoment(reader.GetInt64(8)),
        reader.GetString(9));
}
