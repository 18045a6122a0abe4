using System.Collections.Immutable;
using System.Text.Json;
using SessionCluster.Sessions;
using SessionCluster.Storage;
using SessionCluster.Users;

namespace SessionCluster.Silo.Storage;

/// <summary>Reads over the rows of live and ended sessions, in either database.</summary>
internal sealed class SessionRows(ISqlReads database) : IEndedSessions, ISessionLists
{
    internal const string EndedSql = "SELECT payload, user_pk FROM ended WHERE id = ?1 AND ended_at > ?2";

    internal const string OfRevisionSql = "SELECT id FROM ended {ended_by_revision} WHERE user_pk = ?1 AND revision = ?2 ORDER BY ended_at, id";

    internal const string LiveSql = "SELECT payload FROM session WHERE id = ?1 AND expires > ?2";

    private readonly SqlDialect _dialect = database.Dialect;

    Task<EndedSession?> IEndedSessions.Find(SessionId id, DateTimeOffset since) => database.First(
        _dialect.Text(EndedSql),
        [_dialect.Id(id.Value), UnixMicros.From(since)],
        static row => JsonSerializer.Deserialize(row.GetString(0), StateJson.Default.EndedV1)!.ToEndedSession(new UserId(row.GetString(1))));

    public async Task<ImmutableArray<SessionId>> OfRevision(UserId user, long revision) =>
        [.. await database.Rows(_dialect.Text(OfRevisionSql), [user.Value, revision], row => new SessionId(_dialect.ReadId(row, 0)))];

    Task<SessionV1?> ISessionLists.Find(SessionId id, DateTimeOffset now) => database.First(
        _dialect.Text(LiveSql), [_dialect.Id(id.Value), UnixMicros.From(now)], static row => SessionRow.Read(row.GetString(0)));

    public Task<SessionPage> Search(SessionQuery query, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(query);
        var sql = new SessionListSql(query, UnixMicros.From(now), _dialect);
        return database.List(async snapshot =>
        {
            var matching = await snapshot.Number(sql.Count, sql.Values);
            if (matching <= PageBounds.Offset(query.Offset))
            {
                return new SessionPage((int)matching, []);
            }

            var total = sql.AsksTotal(matching) ? await snapshot.Number("SELECT count(*) FROM session") : (long?)null;
            var rows = await snapshot.Rows(sql.Page(matching, total), sql.Values, static row => SessionRow.Read(row.GetString(0)).ToInfo());
            return new SessionPage((int)matching, [.. rows]);
        });
    }
}

/// <summary>A session as its row holds it: the columns are a copy of parts of the payload.</summary>
internal sealed record SessionRow(
    Guid Id,
    string UserPk,
    string Username,
    long Created,
    long Expires,
    long? IdleAt,
    long LastUsed,
    string LastIp,
    string LastUserAgent,
    long? Asn,
    string? Country,
    string Payload)
{
    public static SessionRow From(SessionV1 session)
    {
        var lastUsed = UnixMicros.From(session.LastUsed);
        return new SessionRow(
            session.Id,
            session.UserPk,
            session.Username,
            UnixMicros.From(session.Created),
            UnixMicros.From(session.Expires),
            session.IdleMicros == 0 ? null : SaturatingSum(lastUsed, session.IdleMicros),
            lastUsed,
            session.LastIp,
            session.LastUserAgent,
            session.Asn?.Asn,
            session.Geo?.Country,
            JsonSerializer.Serialize(session, StateJson.Default.SessionV1));
    }

    public static SessionV1 Read(string payload) => JsonSerializer.Deserialize(payload, StateJson.Default.SessionV1)!;

    /// <summary>An idle timeout may be as long as a number can say.</summary>
    private static long SaturatingSum(long moment, long length) => moment > long.MaxValue - length ? long.MaxValue : moment + length;
}
