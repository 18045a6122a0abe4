using System.Data.Common;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The SQL of one <see cref="UserQuery"/>. Each of a page's users is found by one step in an index, so that its time depends on the page alone,
/// not on how many users, sessions or events there are.
/// </summary>
internal static class UserListSql
{
    // Every text but the empty one begins with this or something greater: none holds U+0000.
    private const string Least = "\u0001";

    /// <summary>No text that begins with a prefix is greater than the prefix and this.</summary>
    internal const string Greatest = "\U0010FFFF";

    private const string Columns = """
        coalesce(u.user_pk, ''), coalesce(u.username, ''), coalesce(u.email, ''), coalesce(u.name, ''), u.seen,
          CASE WHEN (SELECT payload ->> 'inactive' FROM ledger WHERE ledger.user_pk = u.user_pk) IS NULL THEN 1 ELSE 0 END,
          (SELECT count(*) FROM session {session_by_user} WHERE session.user_pk = u.user_pk AND expires > ?4)
        """;

    /// <summary>From name to name in the index of the events, and of each name the latest event.</summary>
    internal const string ByName = $$"""
        WITH RECURSIVE found(username, number) AS (
          SELECT * FROM (SELECT username, 1 FROM event {event_by_username} WHERE username >= ?1 AND username < ?2 ORDER BY username LIMIT 1) AS first
          UNION ALL
          SELECT (SELECT event.username FROM event {event_by_username} WHERE event.username > found.username AND event.username < ?2 ORDER BY event.username LIMIT 1), number + 1
          FROM found WHERE found.username IS NOT NULL AND number < ?3)
        SELECT {{Columns}} FROM (
          SELECT e.user_pk, e.username, e.email, e.name, e.created AS seen FROM found
          JOIN event e ON e.pk = (SELECT pk FROM event {event_by_username} WHERE event.username = found.username ORDER BY created DESC, seq DESC LIMIT 1)
          WHERE found.username IS NOT NULL) AS u
        ORDER BY u.username
        """;

    /// <summary>From key to key in the ledgers, and of each the latest session.</summary>
    internal const string ByKey = $$"""
        SELECT {{Columns}} FROM (
          SELECT l.user_pk, s.username, s.payload ->> 'email' AS email, s.payload ->> 'name' AS name, s.created AS seen
          FROM (SELECT user_pk FROM ledger WHERE user_pk >= ?1 AND user_pk < ?2 ORDER BY user_pk LIMIT ?3) AS l
          LEFT JOIN session s ON s.id = (SELECT id FROM session {session_by_user} WHERE session.user_pk = l.user_pk ORDER BY created DESC, id DESC LIMIT 1)) AS u
        ORDER BY u.user_pk
        """;

    /// <summary>Reads a page: one user more than are shown tells whether others come after it.</summary>
    public static async Task<UserPage> Read(IDatabase database, UserQuery query, DateTimeOffset now)
    {
        var limit = PageBounds.Limit(query.Limit);
        var least = query.After is { } after ? after + Least : query.Prefix.Length > 0 ? query.Prefix : Least;
        var rows = await database.Rows(
            database.Dialect.Text(query.Order == UserOrder.Key ? ByKey : ByName), [least, query.Prefix + Greatest, (long)limit + 1, UnixMicros.From(now)], Read);
        return new UserPage([.. rows.Take(limit)], rows.Count > limit);
    }

    private static ListedUser Read(DbDataReader row) => new(
        new UserFacts(new UserId(row.GetString(0)), row.GetString(1), row.GetString(2), row.GetString(3)), row.GetInt32(5) == 1, (int)row.GetInt64(6),
        row.IsDBNull(4) ? null : UnixMicros.ToMoment(row.GetInt64(4)));
}
