namespace SessionCluster.Silo.Storage;

/// <summary>What the sweeper reads and deletes, in either database. Every call is bounded by a number of rows.</summary>
internal sealed class SweptRows(IDatabase database)
{
    /// <summary>
    /// Sessions to sweep, the longest overdue first: past their end at <paramref name="now"/>, or not used for their idle
    /// timeout by what is stored (their grain may know better).
    /// </summary>
    public async Task<ImmutableArray<DueSession>> Due(DateTimeOffset now, int limit)
    {
        var (dialect, moment) = (database.Dialect, UnixMicros.From(now));
        return [.. await database.Rows(
            database.DueSql,
            [moment, (long)limit],
            row => new DueSession(new UserId(row.GetString(0)), new SessionId(dialect.ReadId(row, 1)), row.GetInt64(2) <= moment))];
    }

    /// <summary>Deletes what is kept of sessions that ended before <paramref name="before"/>; how many.</summary>
    public Task<int> PruneEnded(DateTimeOffset before, int limit) => database.Run(database.PruneEndedSql, UnixMicros.From(before), limit);

    /// <summary>Deletes events created before <paramref name="before"/>; how many.</summary>
    public Task<int> PruneEvents(DateTimeOffset before, int limit) => database.Run(database.PruneEventsSql, UnixMicros.From(before), limit);

    /// <summary>Deletes plans that were written last before <paramref name="before"/>; how many.</summary>
    public Task<int> PrunePlans(DateTimeOffset before, int limit) => database.Run(database.PrunePlansSql, UnixMicros.From(before), limit);
}

/// <summary>A session that the sweeper should look at.</summary>
/// <param name="Expired">True when its absolute end is reached; false when it may be idle.</param>
internal sealed record DueSession(UserId User, SessionId Session, bool Expired);
