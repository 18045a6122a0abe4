using System.Collections.Immutable;
using System.Text.Json;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>Reads over the session rows in PostgreSQL; also the pruning of the kept endings.</summary>
internal sealed class PostgreSqlSessionRows(PostgreSqlDatabase database) : ISessionRows
{
    internal const string LoadSql = "SELECT payload FROM session WHERE user_pk = $1 ORDER BY created, id";

    internal const string EndedByRevisionSql = "SELECT id FROM ended WHERE user_pk = $1 AND revision = $2 ORDER BY ended_at, id";

    internal const string EndedSinceSql = "SELECT id FROM ended WHERE user_pk = $1 AND ended_at > $2";

    /// <summary>Bounded work however many are due: the first of both lists hold the first of their union.</summary>
    internal const string DueSql =
        """
        SELECT user_pk, id, expires <= $1 FROM session WHERE id = ANY (ARRAY(
          (SELECT id FROM session WHERE expires <= $1 ORDER BY expires LIMIT $2)
          UNION
          (SELECT id FROM session WHERE idle_at <= $1 ORDER BY idle_at LIMIT $2)))
        ORDER BY least(expires, idle_at), id LIMIT $2
        """;

    internal const string PruneSql =
        "DELETE FROM ended WHERE ctid = ANY (ARRAY(SELECT ctid FROM ended WHERE ended_at < $1 ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED))";

    /// <summary>The rows of one user, the oldest first.</summary>
    public async Task<ImmutableArray<SessionV1>> LoadByUser(UserId user) =>
        [.. await TransientRead.Run(() => database.Source.Command(LoadSql, user.Value).Rows(reader => SessionRow.Read(reader.GetString(0))))];

    public Task<EndedSession?> FindEnded(SessionId id, DateTimeOffset since) => TransientRead.Run(() => database.Source
        .Command("SELECT payload, user_pk FROM ended WHERE id = $1 AND ended_at > $2", id.Value, UnixMicros.From(since))
        .First(reader => JsonSerializer.Deserialize(reader.GetString(0), StateJson.Default.EndedV1)!.ToEndedSession(new UserId(reader.GetString(1)))));

    public Task<ImmutableArray<SessionId>> EndedByRevision(UserId user, long revision) => EndedIds(EndedByRevisionSql, user, revision);

    public Task<ImmutableArray<SessionId>> EndedSince(UserId user, DateTimeOffset since) =>
        EndedIds(EndedSinceSql, user, UnixMicros.From(since));

    public Task<SessionPage> Search(SessionQuery query, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sql = new SessionListSql(query, UnixMicros.From(now), SqlDialect.PostgreSql);
        return database.List(async connection =>
        {
            var matching = await connection.Command(sql.Count, sql.Values).Value<long>();
            if (matching <= PageBounds.Offset(query.Offset))
            {
                return new SessionPage((int)matching, []);
            }

            var page = $"SELECT payload FROM session WHERE id = ANY (ARRAY({sql.Page(matching, null)})) ORDER BY {sql.OrderBy}";
            var rows = await connection.Command(page, sql.Values).Rows(reader => SessionRow.Read(reader.GetString(0)).ToInfo());
            return new SessionPage((int)matching, [.. rows]);
        });
    }

    public Task<SessionV1?> Find(SessionId id, DateTimeOffset now) => database.Source
        .Command("SELECT payload FROM session WHERE id = $1 AND expires > $2", id.Value, UnixMicros.From(now))
        .First(reader => SessionRow.Read(reader.GetString(0)));

    public async Task<ImmutableArray<DueSession>> Due(DateTimeOffset now, int limit) =>
        [.. await database.Source.Command(DueSql, UnixMicros.From(now), (long)PageBounds.Batch(limit))
            .Rows(reader => new DueSession(new UserId(reader.GetString(0)), new SessionId(reader.GetGuid(1)), reader.GetBoolean(2)))];

    public Task<int> PruneEnded(DateTimeOffset before, int limit) =>
        database.Source.Command(PruneSql, UnixMicros.From(before), (long)PageBounds.Batch(limit)).Run();

    private async Task<ImmutableArray<SessionId>> EndedIds(string sql, UserId user, long value) =>
        [.. await TransientRead.Run(() => database.Source.Command(sql, user.Value, value).Rows(reader => new SessionId(reader.GetGuid(0))))];
}
