namespace SessionCluster.Silo.Storage;

/// <summary>Reads over the rows of live and ended sessions, in either database.</summary>
internal sealed class SessionRows(IDatabase database) : IEndedSessions, ISessionLists
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

    public async Task<SessionPage> Search(SessionQuery query, DateTimeOffset now)
    {
        var (count, rows) = await database.Page(new SessionListSql(query, UnixMicros.From(now), _dialect), static row => row.GetString(0));
        return new SessionPage(count, [.. rows.Select(payload => Listed(payload, query)).OfType<SessionInfo>()]);
    }

    public Task<UserPage> Users(UserQuery query, DateTimeOffset now) => UserListSql.Read(database, query, now);

    /// <summary>
    /// One user's row that a newer program wrote does not take the list of all with it: it is counted, and left out. The list of that user
    /// is refused, as everything else of the user is.
    /// </summary>
    private static SessionInfo? Listed(string payload, SessionQuery query)
    {
        try
        {
            return SessionRow.Read(payload).ToInfo();
        }
        catch (StorageUnavailableException) when (query.User is null)
        {
            return null;
        }
    }
}

/// <summary>A session with its text, as its row holds it: the columns are a copy of parts of the payload.</summary>
internal sealed record SessionRow(SessionV1 Session, string Payload)
{
    /// <summary>When it is idle unless it is used, in microseconds since 1970; null when it never is. A timeout may be as long as a number can say.</summary>
    public long? IdleAt => Session.IdleMicros == 0 ? null : SaturatingSum(UnixMicros.From(Session.LastUsed), Session.IdleMicros);

    public static SessionRow From(SessionV1 session) => new(session, JsonSerializer.Serialize(session, StateJson.Default.SessionV1));

    public static SessionV1 Read(string payload) => JsonSerializer.Deserialize(payload, StateJson.Default.SessionV1)!;

    private static long SaturatingSum(long moment, long length) => moment > long.MaxValue - length ? long.MaxValue : moment + length;
}
