using System.Collections.Immutable;
using System.Text.Json;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>Reads over the session rows in SQLite; also the pruning of the kept endings, which goes through the writer.</summary>
internal sealed class SqliteSessionRows(SqliteDatabase database) : ISessionRows
{
    internal const string LoadSql = "SELECT payload FROM session INDEXED BY session_by_user WHERE user_pk = ?1 ORDER BY created, id";

    internal const string EndedByRevisionSql =
        "SELECT id FROM ended INDEXED BY ended_by_revision WHERE user_pk = ?1 AND revision = ?2 ORDER BY ended_at, id";

    internal const string EndedSinceSql =
        "SELECT id FROM ended INDEXED BY ended_by_revision WHERE user_pk = ?1 AND ended_at > ?2";

    /// <summary>Bounded work however many are due: the first of both lists hold the first of their union.</summary>
    internal const string DueSql =
        """
        SELECT user_pk, id, expires <= ?1 FROM session WHERE rowid IN (
          SELECT rowid FROM (SELECT rowid FROM session INDEXED BY session_by_expires WHERE expires <= ?1 ORDER BY expires LIMIT ?2)
          UNION
          SELECT rowid FROM (SELECT rowid FROM session INDEXED BY session_by_idle WHERE idle_at <= ?1 ORDER BY idle_at LIMIT ?2))
        ORDER BY min(expires, coalesce(idle_at, expires)), id LIMIT ?2
        """;

    internal const string PruneSql =
        "DELETE FROM ended WHERE rowid IN (SELECT rowid FROM ended INDEXED BY ended_by_moment WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)";

    /// <summary>The rows of one user, the oldest first.</summary>
    public Task<ImmutableArray<SessionV1>> LoadByUser(UserId user) => database.Points.Read(link =>
    {
        var rows = ImmutableArray.CreateBuilder<SessionV1>();
        using var reader = link.Prepared(LoadSql).Query(user.Value);
        while (reader.Read())
        {
            rows.Add(SessionRow.Read(reader.GetString(0)));
        }

        return rows.ToImmutable();
    });

    public Task<EndedSession?> FindEnded(SessionId id, DateTimeOffset since) => database.Points.Read(link =>
    {
        using var reader = link.Prepared("SELECT payload, user_pk FROM ended WHERE id = ?1 AND ended_at > ?2")
            .Query(SqliteIds.ToBlob(id.Value), UnixMicros.From(since));
        return reader.Read()
            ? JsonSerializer.Deserialize(reader.GetString(0), StateJson.Default.EndedV1)!.ToEndedSession(new UserId(reader.GetString(1)))
            : null;
    });

    public Task<ImmutableArray<SessionId>> EndedByRevision(UserId user, long revision) => EndedIds(EndedByRevisionSql, user, revision);

    public Task<ImmutableArray<SessionId>> EndedSince(UserId user, DateTimeOffset since) =>
        EndedIds(EndedSinceSql, user, UnixMicros.From(since));

    private Task<ImmutableArray<SessionId>> EndedIds(string sql, UserId user, long value) => database.Points.Read(link =>
    {
        var ids = ImmutableArray.CreateBuilder<SessionId>();
        using var reader = link.Prepared(sql).Query(user.Value, value);
        while (reader.Read())
        {
            ids.Add(new SessionId(SqliteIds.Read(reader, 0)));
        }

        return ids.ToImmutable();
    });

    public Task<SessionPage> Search(SessionQuery query, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sql = new SessionListSql(query, UnixMicros.From(now), SqlDialect.Sqlite);
        return database.Lists.ReadAtOnce(link =>
        {
            using var counting = link.Once(sql.Count);
            var matching = counting.Number(sql.Values) ?? 0;
            if (matching <= PageBounds.Offset(query.Offset))
            {
                return new SessionPage((int)matching, []);
            }

            var total = matching > ListSql.FewRows ? link.Prepared("SELECT count(*) FROM session").Number() : null;
            using var paging = link.Once(sql.Page(matching, total));
            return new SessionPage((int)matching, Load(link, paging, sql));
        });
    }

    public Task<SessionV1?> Find(SessionId id, DateTimeOffset now) => database.Points.Read(link =>
    {
        using var reader = link.Prepared("SELECT payload FROM session WHERE id = ?1 AND expires > ?2")
            .Query(SqliteIds.ToBlob(id.Value), UnixMicros.From(now));
        return reader.Read() ? SessionRow.Read(reader.GetString(0)) : null;
    });

    public Task<ImmutableArray<DueSession>> Due(DateTimeOffset now, int limit) => database.Points.Read(link =>
    {
        var due = ImmutableArray.CreateBuilder<DueSession>();
        using var reader = link.Prepared(DueSql).Query(UnixMicros.From(now), PageBounds.Batch(limit));
        while (reader.Read())
        {
            due.Add(new DueSession(new UserId(reader.GetString(0)), new SessionId(SqliteIds.Read(reader, 1)), reader.GetInt64(2) == 1));
        }

        return due.ToImmutable();
    });

    public Task<int> PruneEnded(DateTimeOffset before, int limit) => database.Writer.Write(
        link => link.Prepared(PruneSql).Execute(UnixMicros.From(before), PageBounds.Batch(limit)));

    /// <summary>The rows of a page are looked up one by one, so that skipping and sorting never carry whole rows.</summary>
    private static ImmutableArray<SessionInfo> Load(SqliteLink link, Statement paging, SessionListSql sql)
    {
        var rowids = new List<long>();
        using (var reader = paging.Query(sql.Values))
        {
            while (reader.Read())
            {
                rowids.Add(reader.GetInt64(0));
            }
        }

        var rows = ImmutableArray.CreateBuilder<SessionInfo>(rowids.Count);
        foreach (var rowid in rowids)
        {
            using var reader = link.Prepared("SELECT payload FROM session WHERE rowid = ?1").Query(rowid);
            reader.Read();
            rows.Add(SessionRow.Read(reader.GetString(0)).ToInfo());
        }

        return rows.DrainToImmutable();
    }
}
