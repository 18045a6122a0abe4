namespace SessionCluster.Silo.Storage;

/// <summary>What the sweeper reads and deletes, in either database. Every call is bounded by a number of rows.</summary>
internal sealed class SweptRows(IDatabase database)
{
    internal const string ExpiredSql =
        "SELECT user_pk, id, expires FROM session {session_by_expires} WHERE expires <= ?1 AND (expires, id) > (?2, ?3) ORDER BY expires, id LIMIT ?4";

    internal const string IdleSql =
        "SELECT user_pk, id, idle_at FROM session {session_by_idle} WHERE idle_at <= ?1 AND (idle_at, id) > (?2, ?3) AND expires > ?1 ORDER BY idle_at, id LIMIT ?4";

    /// <summary>Sessions whose end was at <paramref name="now"/> or before, the longest overdue first; behind <paramref name="after"/>, where that is given.</summary>
    public Task<ImmutableArray<DueSession>> Expired(DateTimeOffset now, DueSession? after, int limit) => Due(ExpiredSql, now, after, limit);

    /// <summary>The same of those that are not past their end, and not used for their idle timeout by what is stored: their grain may know better.</summary>
    public Task<ImmutableArray<DueSession>> Idle(DateTimeOffset now, DueSession? after, int limit) => Due(IdleSql, now, after, limit);

    /// <summary>Deletes what is kept of sessions that ended before <paramref name="before"/>; how many.</summary>
    public Task<int> PruneEnded(DateTimeOffset before, int limit) => database.Run(database.PruneEndedSql, UnixMicros.From(before), limit);

    /// <summary>Deletes events created before <paramref name="before"/>; how many.</summary>
    public Task<int> PruneEvents(DateTimeOffset before, int limit) => database.Run(database.PruneEventsSql, UnixMicros.From(before), limit);

    /// <summary>Deletes plans that were written last before <paramref name="before"/>; how many.</summary>
    public Task<int> PrunePlans(DateTimeOffset before, int limit) => database.Run(database.PrunePlansSql, UnixMicros.From(before), limit);

    private async Task<ImmutableArray<DueSession>> Due(string sql, DateTimeOffset now, DueSession? after, int limit)
    {
        var dialect = database.Dialect;
        return [.. await database.Rows(
            dialect.Text(sql),
            [UnixMicros.From(now), after?.Since ?? long.MinValue, dialect.Id(after?.Session.Value ?? Guid.Empty), (long)limit],
            row => new DueSession(new UserId(row.GetString(0)), new SessionId(dialect.ReadId(row, 1)), row.GetInt64(2)))];
    }
}

/// <summary>A session that the sweeper should look at.</summary>
/// <param name="Since">Since when, in microseconds.</param>
internal sealed record DueSession(UserId User, SessionId Session, long Since);
